"""The demo's company: three organizations, their people, and sixty requests in every state."""
