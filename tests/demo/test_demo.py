"""`make demo` as a newcomer meets it: real processes, on ports of their own."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from demo import company
from demo.environment import load_secrets
from tests import leaks
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
TREASURER = next(person for person in company.PEOPLE if person.key == "morozova")
NEWCOMER = next(person for person in company.PEOPLE if person.key == "novikov")


class Running:
    """The demo in a process of its own, its words in a file."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "demo"
        self.web, self.sandbox, self.google = free_port(), free_port(), free_port()
        self.secrets: set[str] = set()
        self._words = folder / "words"

    def __enter__(self) -> "Running":
        with self._words.open("w") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "demo", f"--data={self.data}",
                    f"--web-port={self.web}", f"--sandbox-port={self.sandbox}",
                    f"--google-port={self.google}",
                ],
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return self

    def __exit__(self, *details: object) -> None:
        self._process.terminate()
        self._process.wait(SECONDS)

    @property
    def said(self) -> str:
        return self._words.read_text()

    def until_ready(self) -> None:
        wait_until(lambda: "Ctrl-C" in self.said or self._process.poll() is not None)
        assert "Ctrl-C" in self.said, self.said

    def interrupt(self) -> int:
        """As one does who is impatient."""
        self._process.send_signal(signal.SIGINT)
        wait_until(lambda: "Stopping" in self.said)
        self._process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        return self._process.wait(SECONDS)

    def kill_worker(self) -> None:
        """As the kernel does when memory is short."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"worker" in command and str(self.data).encode() in b"".join(command):
                os.kill(int(folder.name), signal.SIGKILL)

    def messages_of(self, person: company.Person) -> list[dict[str, Any]]:
        chat = f"people/{person.telegram_id}/chats/{person.telegram_id}/messages"
        url = f"http://127.0.0.1:{self.sandbox}/client/{chat}"
        return list(requests.get(url, timeout=10).json())

    def cards_of(self, person: company.Person) -> set[str]:
        """The numbers of the requests that the person is asked about."""
        texts = [
            message["text"] for message in self.messages_of(person) if message.get("reply_markup")
        ]
        return {found.group() for text in texts if (found := re.search(r"\w+-\d{4}-\d{5}", text))}

    def decide(self, person: company.Person) -> None:
        """Press the first button of the newest card, and wait until the card is finished."""
        chat = f"people/{person.telegram_id}/chats/{person.telegram_id}"
        card = next(
            message for message in reversed(self.messages_of(person)) if message.get("reply_markup")
        )
        data = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        url = f"http://127.0.0.1:{self.sandbox}/client/{chat}/press"
        requests.post(url, json={"message_id": card["message_id"], "data": data}, timeout=30)

        def is_finished() -> bool:
            found = {message["message_id"]: message for message in self.messages_of(person)}
            return data not in json.dumps(found[card["message_id"]])

        wait_until(is_finished)

    def history(self) -> dict[int, list[Any]]:
        """Everything that was said anywhere, the former states of what was edited too."""
        with requests.Session() as http:
            control = f"http://127.0.0.1:{self.sandbox}/control/chats"
            ids = [chat["id"] for chat in http.get(control, timeout=10).json()]
            chats = (http.get(f"{control}/{chat_id}", timeout=10).json() for chat_id in ids)
            return {chat["id"]: chat["messages"] for chat in chats}

    def say(self, person: company.Person, text: str) -> str:
        """The bot's answer: its text and its keyboard."""
        chat = f"people/{person.telegram_id}/chats/{person.telegram_id}/messages"
        url = f"http://127.0.0.1:{self.sandbox}/client/{chat}"
        said = len(self.messages_of(person))
        requests.post(url, json={"text": text}, timeout=10).raise_for_status()
        wait_until(lambda: len(self.messages_of(person)) > said + 1)
        answer = json.dumps(self.messages_of(person)[-1], ensure_ascii=False)
        self.secrets |= leaks.secrets_in(answer)
        return answer

    def choose_account(self, link: str, key: str) -> tuple[str, str]:
        """Google's page with the accounts, and ours after one was chosen."""
        with requests.Session() as browser:
            page = browser.get(link, timeout=10).text
            names = ("csrfmiddlewaretoken", "link")
            form = {name: re.findall(rf'name="{name}" value="(.+?)"', page)[0] for name in names}
            begin = f"http://127.0.0.1:{self.web}/oauth/login/google/"
            google = browser.post(begin, form, headers={"Referer": link}, timeout=10)
            ours = browser.post(google.url, {"sub": key}, timeout=10)
            hops = "\n".join(str(hop.headers.get("Location", "")) for hop in ours.history)
            self.secrets |= leaks.secrets_in(f"{google.url}\n{hops}\n{ours.text}")
            return google.text, ours.text

    def started(self) -> set[int]:
        """Whose chats the bot may write to."""
        people = requests.get(f"http://127.0.0.1:{self.sandbox}/client/people", timeout=10).json()
        return {person["id"] for person in people if person["bot_started"]}

    def leaks(self) -> list[str]:
        """What the parts of the demo have logged with a secret in it."""
        files = sorted((self.data / "logs").glob("*.log"))
        assert len(files) > 5
        lines = [line for file in files for line in file.read_text().splitlines()]
        made = json.loads((self.data / "secrets.json").read_text())
        made.pop("GOOGLE_CLIENT_ID")  # public
        return leaks.leaks([*lines, *self.said.splitlines()], {*made.values(), *self.secrets})

    def are_ports_free(self) -> bool:
        return all(map(is_free, (self.web, self.sandbox, self.google)))

    def requests_in_database(self) -> int:
        return self._number("SELECT count(*) FROM treasury_paymentrequest")

    def is_quiet(self) -> bool:
        """Every message shows what it is to show: asked at once, for one becomes the other."""
        late = "SELECT count(*) FROM telegrambot_sentmessage WHERE is_behind"
        new = (
            "SELECT count(*) FROM treasury_paymentrequest LEFT JOIN telegrambot_bookmark "
            "ON request_id = id WHERE journal_length > coalesce(sequence, 0)"
        )
        return self._number(f"SELECT ({late}) + ({new})") == 0

    def _number(self, statement: str) -> int:
        with closing(sqlite3.connect(self.data / "db.sqlite3")) as database:
            return int(database.execute(statement).fetchone()[0])


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_demo_starts_stops_and_starts_again_with_its_data(tmp_path: Path) -> None:
    with Running(tmp_path) as demo:
        demo.until_ready()
        assert "treasury-demo" in demo.said
        page = requests.get(f"http://127.0.0.1:{demo.web}/admin/login/", timeout=10)
        assert page.status_code == 200
        assert f"http://127.0.0.1:{demo.google} " in demo.said
        everyone_can_sign_in(demo)
        wait_until(lambda: len(demo.cards_of(TREASURER)) == 3)
        demo.decide(TREASURER)
        wait_until(demo.is_quiet)
        count = demo.requests_in_database()
        kept = json.loads((demo.data / "secrets.json").read_text())
        said = demo.history()
        assert demo.interrupt() == 0
        assert demo.said.endswith("done.\n")
        assert demo.are_ports_free()
        # A link, a code, and Google's: state, nonce, challenge and code.
        assert len(demo.secrets) >= 6
        assert demo.leaks() == []

    with Running(tmp_path) as demo:
        demo.until_ready()
        assert demo.requests_in_database() == count
        assert json.loads((demo.data / "secrets.json").read_text()) == kept
        assert demo.history() == said
        assert NEWCOMER.telegram_id in demo.started()

        demo.kill_worker()
        assert demo.end() == 1
        assert "worker has ended. Its last lines" in demo.said
        assert demo.are_ports_free()


def everyone_can_sign_in(demo: Running) -> None:
    assert NEWCOMER.linked is False
    [link] = set(re.findall(r"http://[^\"]+/oauth/link/[^\"]+", demo.say(NEWCOMER, "/login")))
    accounts, page = demo.choose_account(link, NEWCOMER.key)
    assert all(person.email in accounts for person in (*company.PEOPLE, company.FORMER))
    code = re.findall(r"start=link-([A-Z2-7]{4}-[A-Z2-7]{4})", page)[0]
    assert f"http://127.0.0.1:{demo.sandbox}/treasury_demo_bot?start=link-{code}" in page
    assert NEWCOMER.last_name in demo.say(NEWCOMER, code)


@pytest.mark.parametrize("taken", ["--web-port", "--sandbox-port", "--google-port"])
def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path, taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = ("--web-port", "--sandbox-port", "--google-port")
        ports = {option: free_port() for option in options} | {taken: port}
        result = subprocess.run(
            [
                sys.executable, "-m", "demo", f"--data={tmp_path / 'demo'}",
                *(f"{option}={number}" for option, number in ports.items()),
            ],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS,
        )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr == (
        f"Port {port} is taken: stop the program that has it, or choose another: "
        f'make demo ARGS="{taken} {port + 10}"\n'
    )
    assert not (tmp_path / "demo").exists()


def test_the_environment_of_a_real_installation_does_not_get_in(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from demo.environment import *;"
        "options = Options(Path(sys.argv[1]), 1, 2, 3, 4);"
        "os.environ.update(environment(options, load_secrets(Path(sys.argv[1]) / 'secrets.json')));"
        "from config import settings as s;"
        "print(s.TELEGRAM_API_URL, s.TELEGRAM_BOT_TOKEN, s.SECRET_KEY, s.GOOGLE_OIDC_ENDPOINT,"
        "s.GOOGLE_CLIENT_SECRET, s.DATABASES['default'])"
    )
    real = {
        "TELEGRAM_API_URL": "https://api.telegram.org",
        "TELEGRAM_BOT_TOKEN": "real-token",
        "SECRET_KEY_FILE": "/etc/hostname",
        "GOOGLE_OIDC_ENDPOINT": "https://accounts.google.com",
        "GOOGLE_CLIENT_SECRET_FILE": "/etc/hostname",
        "DATABASE_URL": "postgres://real/database",
    }
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT, env=os.environ | real, capture_output=True, text=True, check=True,
    )  # fmt: skip
    made = json.loads((tmp_path / "secrets.json").read_text())
    names = ("TELEGRAM_BOT_TOKEN", "SECRET_KEY", "GOOGLE_CLIENT_SECRET")
    token, key, google_secret = (made[name] for name in names)
    used = f"http://127.0.0.1:2 {token} {key} http://127.0.0.1:3 {google_secret} "
    assert result.stdout.startswith(used)
    assert f"{tmp_path}/db.sqlite3" in result.stdout


def test_a_secret_that_an_older_demo_lacked_is_made_up_and_the_others_are_kept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps({"SECRET_KEY": "of the older demo"}))
    made = load_secrets(path)
    assert made["SECRET_KEY"] == "of the older demo"
    assert made["GOOGLE_CLIENT_SECRET"]
    assert load_secrets(path) == made
