"""The child process and its packets (docs/spec/wire.md).

One Session is one child process with one program loaded. Requests are answered
in order, so this side needs no thread.
"""

import atexit
import json
import os
import shutil
import struct
import subprocess
import weakref

PROTOCOL = 1


class WaferError(RuntimeError):
    """A mistake in the program or in the use of the API, with diagnostics."""

    def __init__(self, message, diagnostics=()):
        super().__init__(message)
        self.diagnostics = list(diagnostics)


def find_binary():
    """The wafer binary: $WAFER, beside the launchers, or on the PATH."""
    named = os.environ.get("WAFER")
    if named:
        return named
    here = os.path.dirname(os.path.abspath(__file__))
    exe = "wafer.exe" if os.name == "nt" else "wafer"
    for up in ("../../bin", "../bin", "../.."):
        path = os.path.normpath(os.path.join(here, up, exe))
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    path = shutil.which("wafer")
    if path is None:
        raise WaferError(
            "the wafer binary was not found: put it on the PATH or name it in the "
            "environment variable WAFER"
        )
    return path


_live = weakref.WeakSet()


class Session:
    """A child process that answers requests."""

    def __init__(self):
        self.process = subprocess.Popen(
            [find_binary(), "csl", "host"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.last = 0
        _live.add(self)
        self.request("hello", version=PROTOCOL)

    def request(self, op, data=b"", **fields):
        """Sends one request and returns (head, bytes) of its answer."""
        if self.process is None:
            raise WaferError(op + " after the session was closed")
        fields["op"] = op
        head = json.dumps(fields).encode()
        self.last += 1
        try:
            self._send(head, memoryview(data).cast("B"))
            head, body = self._receive()
        except (BrokenPipeError, EOFError):
            code = self.process.wait()
            self.process = None
            raise WaferError(
                "the wafer process ended with code %d while it worked on %r" % (code, op)
            ) from None
        answer = json.loads(head)
        if "error" in answer:
            raise WaferError(answer["error"], answer.get("diagnostics", ()))
        return answer, body

    def _send(self, head, data):
        out = self.process.stdin
        out.write(struct.pack("<III", 8 + len(head) + len(data), self.last << 1, len(head)))
        out.write(head)
        if len(data):
            out.write(data)
        out.flush()

    def _receive(self):
        size, number, head = struct.unpack("<III", self._exactly(12))
        if number != self.last << 1 | 1 or head > size - 8:
            raise WaferError("the wafer process answered out of turn")
        return self._exactly(head), self._exactly(size - 8 - head)

    def _exactly(self, n):
        data = self.process.stdout.read(n)
        if len(data) != n:
            raise EOFError
        return data

    def close(self):
        """Ends the child process."""
        process, self.process = self.process, None
        if process is None:
            return
        try:
            process.stdin.close()
            process.stdout.close()
        except OSError:
            pass
        process.wait()

    def __del__(self):
        try:
            self.close()
        except Exception:  # the interpreter may be half gone
            pass


@atexit.register
def _close_all():
    for session in list(_live):
        session.close()
