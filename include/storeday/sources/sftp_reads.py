"""Many files read at once over one SFTP channel: what is asked for goes out long before earlier answers are in.

paramiko's own files take four ways there and back each, one after the other, and hold what is read ahead in a way that
costs more processor time than the decryption. Here nobody waits for a small file, since others are under way meanwhile.
One channel is enough for that, and many servers allow no more than ten. Only OPEN, READ and CLOSE are spoken here, the
rest is paramiko's.
Source: SFTP version 3, draft-ietf-secsh-filexfer-02, sections 3 to 7.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from storeday.model.content import Content

READ_BYTES: Final = 1 << 15
"""So much is asked for at once: what every server of the protocol gives in one answer."""

ASKED_AHEAD: Final = 128
"""How many answers may be on their way: 4 MB of files that come faster than they are kept."""

_OPEN, _CLOSE, _READ, _STATUS, _HANDLE, _DATA = 3, 4, 5, 101, 102, 103
_EOF, _NO_SUCH_FILE = 1, 2
_FOR_READING = struct.pack(">II", 1, 0)  # SSH_FXF_READ, and no attributes
_MOST_IN_A_PACKET = 1 << 24
_AT_ONCE_FROM_THE_CHANNEL = 1 << 22

Answer = tuple[int, memoryview]
"""The type of a packet, and what comes after its number: a view, since hundreds of megabytes come this way."""


class UnexpectedAnswer(OSError):
    """The server broke the protocol, or refused; the text says what it said."""


@dataclass(eq=False)
class _File:
    """One file on its way."""

    path: bytes
    size: int  # as it was listed: how far is asked for ahead
    content: Content = field(default_factory=Content)
    handle: bytes | None = None
    asked: int = 0  # up to this byte, READs were sent
    early: dict[int, memoryview] = field(default_factory=dict)  # by where it begins: came before what is before it
    open_requests: int = 0
    ends: int | None = None  # where the server said that there is no more
    is_gone: bool = False
    is_done: bool = False

    @property
    def wants_more(self) -> bool:
        """Whether a READ may be sent: all of the listed size and one after it, which is answered with the end."""
        if self.handle is None or self.ends is not None:
            return False
        return self.asked <= self.size or self.open_requests == 0

    def next_read(self) -> tuple[int, int]:
        """Where the next READ begins and how much it asks for: none across the listed end, so that none comes short."""
        offset = self.asked
        asked_for = min(READ_BYTES, self.size - offset) if offset < self.size else READ_BYTES
        self.asked += asked_for
        return offset, asked_for

    def take(self, offset: int, data: memoryview) -> None:
        """Keep what came, in the order of the file."""
        self.early[offset] = data
        while (following := self.early.pop(self.content.size, None)) is not None:
            self.content.write(following)


class SftpReads:
    """Reads over one channel that nothing else is asked over meanwhile.

    Parameters: channel, paramiko's, of an SFTP session that is set up; at_once, how many files may be open; talking,
    what is entered around each talk with the server, and never around our own writes.
    """

    def __init__(self, channel: Any, at_once: int, talking: Callable[[], AbstractContextManager[None]]) -> None:
        self._channel, self._at_once, self._talking = channel, at_once, talking
        self._numbers = 0
        self._asked: dict[int, Callable[[Answer], None]] = {}  # by a request's number: what is done with its answer
        self._to_send: list[bytes] = []
        self._came = b""

    @property
    def is_idle(self) -> bool:
        """Whether no answer is on its way: the channel can be used for something else."""
        return not self._asked

    def files(self, wanted: Iterable[tuple[bytes, int]]) -> Generator[Content | None]:
        """The bytes up to the end of each file, given by path and listed size, in order; None for one that is gone.

        Whoever takes a content closes it. Raises: UnexpectedAnswer, EOFError and what the channel raises, each from
        within ``talking``; OSError of our own disk outside of it.
        """
        waiting, under_way = iter(wanted), deque[_File]()
        try:
            while True:
                while len(under_way) < self._at_once and (following := next(waiting, None)) is not None:
                    under_way.append(self._opened(_File(*following)))
                if not under_way:
                    return
                self._ask_for(under_way)
                if under_way[0].is_done:
                    done = under_way.popleft()
                    yield self._content(done)
                else:
                    self._take_answers()
        finally:
            for file in under_way:
                file.content.close()

    @staticmethod
    def _content(done: _File) -> Content | None:
        if not done.is_gone:
            return done.content
        done.content.close()
        return None

    def _opened(self, file: _File) -> _File:
        def answered(answer: Answer) -> None:
            kind, said = answer
            if kind == _HANDLE:
                file.handle = bytes(_text(said))
            elif kind == _STATUS and _code(said) == _NO_SUCH_FILE:
                file.is_gone = file.is_done = True
            else:
                raise _refused(answer)

        self._request(_OPEN, _string(file.path) + _FOR_READING, answered)
        return file

    def _ask_for(self, under_way: Iterable[_File]) -> None:
        """Send READs, first for the files that are wanted first, and a CLOSE for each that has come to its end."""
        for file in under_way:
            while file.wants_more and len(self._asked) < ASKED_AHEAD:
                self._read(file, *file.next_read())
            if file.ends is not None and file.handle is not None and not file.open_requests:
                self._close(file)
        if self._to_send:
            with self._talking():
                self._channel.sendall(b"".join(self._to_send))
            self._to_send.clear()

    def _read(self, file: _File, offset: int, size: int) -> None:
        def answered(answer: Answer) -> None:
            kind, said = answer
            file.open_requests -= 1
            if kind == _DATA:
                data = _text(said)
                if not data:
                    raise UnexpectedAnswer("an answer without a byte to a read")
                file.take(offset, data)
                if len(data) < size and (file.ends is None or offset + len(data) < file.ends):
                    self._read(file, offset + len(data), size - len(data))  # the rest, or that there is none
            elif kind == _STATUS and _code(said) == _EOF:
                file.ends = offset if file.ends is None else min(offset, file.ends)
            else:
                raise _refused(answer)

        file.open_requests += 1
        self._request(_READ, _string(file.handle or b"") + struct.pack(">QI", offset, size), answered)

    def _close(self, file: _File) -> None:
        def answered(_: Answer) -> None:
            if file.early or file.content.size != file.ends:
                raise UnexpectedAnswer(f"a part of {file.path.decode(errors='replace')} did not come")
            file.is_done = True

        handle, file.handle = file.handle or b"", None
        self._request(_CLOSE, _string(handle), answered)

    def _request(self, kind: int, said: bytes, answered: Callable[[Answer], None]) -> None:
        self._numbers = (self._numbers + 1) & 0xFFFFFFFF
        self._asked[self._numbers] = answered
        self._to_send.append(struct.pack(">IBI", 5 + len(said), kind, self._numbers) + said)

    def _take_answers(self) -> None:
        """Wait for an answer, and take all that are there."""
        with self._talking():
            came = self._channel.recv(_AT_ONCE_FROM_THE_CHANNEL)
            if not came:
                raise EOFError("the server ended the session")
            self._came += came
            packets = list(self._packets())
        for number, answer in packets:
            try:
                self._answered(number)(answer)
            except UnexpectedAnswer:
                with self._talking():
                    raise

    def _answered(self, number: int) -> Callable[[Answer], None]:
        if number not in self._asked:
            raise UnexpectedAnswer(f"an answer to nothing that was asked ({number})")
        return self._asked.pop(number)

    def _packets(self) -> Iterator[tuple[int, Answer]]:
        start, there, view = 0, len(self._came), memoryview(self._came)
        while there - start >= 4:
            (length,) = struct.unpack_from(">I", self._came, start)
            if not 5 <= length <= _MOST_IN_A_PACKET:
                raise UnexpectedAnswer(f"a packet of {length:,} bytes")
            if there - start < 4 + length:
                break
            kind, number = struct.unpack_from(">BI", self._came, start + 4)
            yield number, (kind, view[start + 9 : start + 4 + length])
            start += 4 + length
        self._came = self._came[start:]


def _string(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def _text(said: memoryview) -> memoryview:
    (length,) = struct.unpack_from(">I", said)
    return said[4 : 4 + length]


def _code(said: memoryview) -> int:
    return int.from_bytes(said[:4], "big")


def _refused(answer: Answer) -> UnexpectedAnswer:
    kind, said = answer
    if kind != _STATUS:
        return UnexpectedAnswer(f"an answer of type {kind} to a request that has none such")
    text = bytes(_text(said[4:])).decode(errors="replace") if len(said) >= 8 else ""
    return UnexpectedAnswer(text or f"refused with code {_code(said)}")
