"""What the worker throws away by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from telegrambot import tasks
from tests.company import PDF, Company
from treasury.models import Upload
from treasury.services import uploads


def test_files_of_forms_that_nobody_saved_are_thrown_away(
    company: Company, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    fresh, old = (
        uploads.stage(owner=company.anna, file=ContentFile(PDF, name=name))
        for name in ("Счёт.pdf", "Акт.pdf")
    )
    long_ago = timezone.now() - uploads.LIFETIME - timedelta(minutes=1)
    Upload.objects.filter(pk=old.pk).update(uploaded_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.prune()
    assert Upload.objects.get() == fresh
    assert [path.name for path in tmp_path.rglob("*.pdf")] == [Path(str(fresh.file)).name]
