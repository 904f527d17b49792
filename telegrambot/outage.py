"""What an error says of the database."""

from django.db import InterfaceError, OperationalError

# It is gone, overrun or refuses: nothing was kept, and another try may help. Whatever else it says
# is a defect.
UNAVAILABLE = (OperationalError, InterfaceError)
