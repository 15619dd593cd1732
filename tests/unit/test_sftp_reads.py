"""Reads over one SFTP channel: in which order and how far ahead is asked, and what is made of each answer."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from storeday.model.content import Content
from storeday.sources.base import SourceUnreachable
from storeday.sources.sftp_reads import ASKED_AHEAD, READ_BYTES, SftpReads

OPEN, CLOSE, READ, STATUS, HANDLE, DATA = 3, 4, 5, 101, 102, 103
EOF, NO_SUCH_FILE, PERMISSION_DENIED = 1, 2, 3


def string(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def status(code: int, text: bytes = b"as the server says it") -> tuple[int, bytes]:
    return STATUS, struct.pack(">I", code) + string(text) + string(b"en")


@dataclass
class Server:
    """A server behind a channel: answers what is asked from its files, in any order, some bytes at a time."""

    files: dict[bytes, bytes]
    most: int = READ_BYTES  # it gives so many bytes an answer at most
    order: Callable[[list[bytes]], list[bytes]] = lambda answers: answers
    at_a_time: int = 1 << 20  # the channel gives so many bytes at once
    instead: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # by kind of request: another answer
    kinds: list[int] = field(default_factory=list)
    most_open: int = 0
    most_asked: int = 0
    ends_after: int | None = None  # it ends the session after so many answers
    _open: dict[bytes, bytes] = field(default_factory=dict)
    _asked: bytes = b""
    _answers: list[bytes] = field(default_factory=list)
    _to_come: bytes = b""

    def sendall(self, sent: bytes) -> None:
        self._asked += sent
        while self._asked:
            (length,) = struct.unpack_from(">I", self._asked)
            kind, number = struct.unpack_from(">BI", self._asked, 4)
            said, self._asked = self._asked[9 : 4 + length], self._asked[4 + length :]
            self.kinds.append(kind)
            told, text = self.instead.get(kind) or self._answer(kind, said)
            self._answers.append(struct.pack(">IBI", 5 + len(text), told, number) + text)
        self.most_asked = max(self.most_asked, len(self._answers))

    def recv(self, _: int) -> bytes:
        if not self._to_come:
            answers, self._answers = self.order(self._answers), []
            if self.ends_after is not None:
                answers = answers[: self.ends_after]
                self.ends_after -= len(answers)
            self._to_come = b"".join(answers)
        came, self._to_come = self._to_come[: self.at_a_time], self._to_come[self.at_a_time :]
        return came

    def _answer(self, kind: int, said: bytes) -> tuple[int, bytes]:
        (length,) = struct.unpack_from(">I", said)
        text, rest = said[4 : 4 + length], said[4 + length :]
        if kind == OPEN:
            if text not in self.files:
                return status(NO_SUCH_FILE)
            self._open[b"handle of " + text] = self.files[text]
            self.most_open = max(self.most_open, len(self._open))
            return HANDLE, string(b"handle of " + text)
        if kind == CLOSE:
            del self._open[text]
            return status(0)
        offset, size = struct.unpack(">QI", rest)
        data = self._open[text][offset : offset + min(size, self.most)]
        return (DATA, string(data)) if data else status(EOF)


@contextmanager
def named() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        raise SourceUnreachable(f"named: {error}") from error


def read(server: Server, wanted: list[tuple[bytes, int]], at_once: int = 4) -> list[bytes | None]:
    reads, came = SftpReads(server, at_once, named), []
    for content in reads.files(wanted):
        came.append(content.whole() if content else None)
        if content:
            content.close()
    assert reads.is_idle
    return came


def sized(count: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(count))


SIZES = [0, 1, READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 3 * READ_BYTES, 200 * READ_BYTES + 17]


@pytest.mark.parametrize("at_a_time", [1 << 20, 977])
@pytest.mark.parametrize("most", [READ_BYTES, 10_000])
@pytest.mark.parametrize("order", [list, lambda answers: answers[::-1]], ids=["in order", "backwards"])
def test_files_come_whole_and_in_the_order_asked_for_however_the_server_answers(
    order: Callable[[list[bytes]], list[bytes]], most: int, at_a_time: int
) -> None:
    files = {f"/till/{size}".encode(): sized(size) for size in SIZES}
    server = Server(files, most, order, at_a_time)

    came = read(server, [(name, len(content)) for name, content in files.items()])

    assert came == list(files.values())


@pytest.mark.parametrize("listed", [0, 1, READ_BYTES, 5 * READ_BYTES])
def test_a_file_is_read_to_its_end_whatever_size_was_listed(listed: int) -> None:
    content = sized(3 * READ_BYTES + 5)

    assert read(Server({b"grown or shrunk": content}), [(b"grown or shrunk", listed)]) == [content]


def test_a_file_that_is_gone_leaves_a_gap_and_the_others_come() -> None:
    server = Server({b"a": b"one", b"c": b"three"})

    assert read(server, [(b"a", 3), (b"b", 3), (b"c", 5)]) == [b"one", None, b"three"]


def test_a_small_file_takes_four_requests_and_nobody_waits_for_them_one_by_one() -> None:
    files = {bytes([65 + number]): b"small" for number in range(20)}
    server = Server(files)

    read(server, [(name, 5) for name in files], at_once=16)

    assert len(server.kinds) == 20 * 4
    assert server.kinds.count(OPEN) == server.kinds.count(CLOSE) == 20
    assert server.most_open == 16


def test_no_more_is_asked_for_ahead_than_fits() -> None:
    server = Server({b"large": sized(1000 * READ_BYTES)})

    read(server, [(b"large", 1000 * READ_BYTES)])

    assert server.most_asked == ASKED_AHEAD


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        (OPEN, status(PERMISSION_DENIED, b"Permission denied"), "Permission denied"),
        (OPEN, (DATA, string(b"no handle")), "an answer of type 103"),
        (READ, status(4, b""), "refused with code 4"),
        (READ, (DATA, string(b"")), "without a byte"),
        (READ, (HANDLE, string(b"what for")), "an answer of type 102"),
    ],
)
def test_a_server_that_refuses_or_answers_something_else_is_named(
    kind: int, answer: tuple[int, bytes], said: str
) -> None:
    server = Server({b"file": b"content"}, instead={kind: answer})

    with pytest.raises(SourceUnreachable, match=f"named: .*{said}"):
        read(server, [(b"file", 7)])


def test_a_session_that_ends_in_between_is_named() -> None:
    server = Server({b"file": sized(100 * READ_BYTES)}, ends_after=40)

    with pytest.raises(SourceUnreachable, match="named: the server ended the session"):
        read(server, [(b"file", 100 * READ_BYTES)])


def test_an_answer_to_nothing_is_named() -> None:
    server = Server({b"file": b"content"}, order=lambda answers: [*answers, *answers])

    with pytest.raises(SourceUnreachable, match="named: an answer to nothing that was asked"):
        read(server, [(b"file", 7)])


def test_a_packet_larger_than_any_is_named() -> None:
    server = Server({b"file": b"content"}, order=lambda _: [b"\xff" * 16])

    with pytest.raises(SourceUnreachable, match=r"named: a packet of 4,294,967,295 bytes"):
        read(server, [(b"file", 7)])


def test_our_own_full_disk_is_not_taken_for_the_servers_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Content, chunk: bytes) -> None:
        if chunk:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("storeday.model.content.Content.write", full)

    with pytest.raises(OSError, match="No space left"):
        read(Server({b"file": b"content"}), [(b"file", 7)])


def test_answers_that_nobody_waits_for_are_seen() -> None:
    reads = SftpReads(Server({b"a": b"one", b"b": sized(200 * READ_BYTES)}), 4, named)

    files = reads.files([(b"a", 3), (b"b", 200 * READ_BYTES)])
    with next(files) or pytest.fail("it is there"):
        files.close()

    assert not reads.is_idle
