"""Directory rows whose facts stay: what was submitted with them must not become something else."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _


class FixedFacts(models.Model):
    """None of the `FIXED` facts is rewritten once something relies on the row.

    Triggers of the database refuse it too: see `treasury.guards`. What was left empty may still be
    filled in.
    """

    FIXED: ClassVar[tuple[str, ...]]
    WHY_FIXED: ClassVar[str | Promise]

    class Meta:
        abstract = True

    def is_relied_on(self) -> bool:
        raise NotImplementedError

    def check_facts(self) -> None:
        """Raise `ValidationError` unless the facts agree with each other."""

    @cached_property
    def is_fixed(self) -> bool:
        """Kept, as a page asks it several times; a list may annotate it."""
        return not self._state.adding and self.is_relied_on()

    def clean(self) -> None:
        """Older facts may rest: only what is new has to agree."""
        super().clean()
        altered = self._altered()
        rewritten = [name for name, stored in altered.items() if stored]
        if rewritten and self.is_relied_on():
            raise ValidationError(dict.fromkeys(rewritten, self.WHY_FIXED))
        if altered:
            self.check_facts()

    def _altered(self) -> dict[str, Any]:
        """The facts that differ from the stored ones, with these; all of a new row, with None."""
        model = type(self)
        stored = model._base_manager.filter(pk=self.pk).values(*self.FIXED).first() or {}
        columns = {name: model._meta.get_field(name).attname for name in self.FIXED}  # type: ignore[union-attr]
        return {
            name: stored.get(name)
            for name, column in columns.items()
            if stored.get(name) != getattr(self, column)
        }


class DirectoryRow(FixedFacts):
    """What requests name: it goes out of use, with a reason, and a new row takes its place."""

    WHY_FIXED = _(
        "Requests were submitted with these facts, so they stay: add a new row, and take this one "
        "out of use."
    )

    is_active = models.BooleanField(_("in use"), default=True)
    out_of_use_reason = models.CharField(
        _("why out of use"), max_length=200, blank=True,
        help_text=_("Told to whoever meets the row."),
    )  # fmt: skip

    class Meta:
        abstract = True

    def is_relied_on(self) -> bool:
        """Whether a request that names the row was ever submitted."""
        return bool(self.requests.ever_submitted().exists())  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        if self.is_active:
            self.out_of_use_reason = ""
