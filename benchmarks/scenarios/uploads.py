"""What the worker's memory grows by while it uploads 200 MB of documents to several groups."""

import os
import threading
from collections.abc import Iterator, Sequence

from django.core.files.base import ContentFile

from benchmarks.bench import Bench
from benchmarks.company import ADMIN, Office
from benchmarks.results import Row, at_least, at_most
from benchmarks.services import Running
from telegrambot.models import TelegramFile
from treasury.models import Attachment, PaymentRequest
from treasury.services import requests

# One goes with the card, the rest as an album; of each request forty megabytes.
REQUESTS, DOCUMENTS, DOCUMENT = 5, 5, 8_000_000
# Seconds between two looks at the memory.
LOOK = 0.05


class Watch(threading.Thread):
    """Looks at a process' memory until it is told to stop."""

    def __init__(self, process: Running) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._over = threading.Event()
        self.most = 0.0

    def run(self) -> None:
        while not self._over.wait(LOOK):
            self.most = max(self.most, *self._process.memory())

    def stop(self) -> float:
        """The most that was seen, in megabytes."""
        self._over.set()
        self.join()
        return self.most


def run(bench: Bench) -> Iterator[Row]:
    bench.open_channel()
    worker = bench.services.worker
    offices = bench.company.offices[:REQUESTS]
    # What a process loads at its first uploads is no part of the next.
    _send([_draft(bench, office, 1000) for office in offices], bench)
    drafts = [_draft(bench, office, DOCUMENT) for office in offices]
    before = max(worker.memory())
    watch = Watch(worker)
    watch.start()
    _send(drafts, bench)
    most = watch.stop()
    known = TelegramFile.objects.values("sha256")
    uploaded = Attachment.objects.filter(request__in=drafts, sha256__in=known)
    total = sum(uploaded.values_list("size", flat=True)) / 1_000_000
    yield Row("documents uploaded", "MB", [total], at_least(200))
    yield Row("worker, grown meanwhile", "MB", [max(most - before, 0)], at_most(20))


def _draft(bench: Bench, office: Office, size: int) -> PaymentRequest:
    """With documents of so many bytes, none like any other."""
    request = bench.company.draft(office)
    for number in range(DOCUMENTS):
        file = ContentFile(b"%PDF-1.4 " + os.urandom(size), f"Счёт {number}.pdf")
        author = bench.company.author
        requests.attach(request=request, actor=author, channel=ADMIN, file=file)
    return request


def _send(drafts: Sequence[PaymentRequest], bench: Bench) -> None:
    for draft in drafts:
        requests.submit(request=draft, actor=bench.company.author, channel=ADMIN)
    bench.settle()
