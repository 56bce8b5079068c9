"""Which captures to read. Hadoop's FileSystem lists them, so whatever it reads is a place for captures."""

from dataclasses import dataclass
from typing import Optional

from py4j.protocol import Py4JJavaError


class UsageError(Exception):
    """What the user asked for makes no sense."""


@dataclass(frozen=True)
class Capture:
    """A capture, or evidence of some, and what the user calls the place."""

    url: str
    name: Optional[str] = None

    @property
    def is_local(self):
        return self.url.startswith(("file:", "/"))

    @property
    def path(self):
        """What a report cites it by: of a local file its path, as `dsrproof verify` would have it."""
        return "/" + self.url.removeprefix("file:").lstrip("/") if self.is_local else self.url

    @classmethod
    def named(cls, argument):
        """Reads `URL` or `NAME=URL`: as with `dsrproof -r`, a name holds no slash."""
        name, sign, url = argument.partition("=")
        if sign and name and url and "/" not in name:
            return cls(url, name)
        return cls(argument)


class Listing:
    """Finds the captures that arguments name."""

    def __init__(self, context):
        self._jvm = context._jvm
        self._configuration = context._jsc.hadoopConfiguration()

    def captures(self, arguments):
        """All that the arguments name, each once and in order, and those that were named more than once."""
        found = []
        for argument in arguments:
            found += self._listed(argument[1:]) if argument.startswith("@") else self._found(argument)
        places, repeated = {}, []
        for capture in found:
            other = places.setdefault(capture.url, capture)
            if other.name != capture.name:
                raise UsageError(f"{capture.path} has two names: {other.name or 'none'}, {capture.name or 'none'}")
            if other is not capture:
                repeated.append(capture.path)
        return list(places.values()), sorted(set(repeated))

    def _listed(self, path):
        """The lines of a list. Hardly one is asked whether it is there, for a list may be long."""
        captures = []
        try:
            with open(path, encoding="utf-8") as lines:
                texts = [line.strip() for line in lines]
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot read: {error}") from error
        for text in texts:
            if text and not text.startswith("#"):
                capture = self._named(text)
                captures.append(Capture(self._qualified(capture.url), capture.name))
        return captures

    def _found(self, argument):
        capture = self._named(argument)
        try:
            path = self._path(capture.url)
            system = path.getFileSystem(self._configuration)
            there = self._is_there(capture.url)
            statuses = [system.getFileStatus(path)] if there else list(system.globStatus(path) or [])
            urls = []
            for status in statuses:
                children = system.listStatus(status.getPath()) if status.isDirectory() else [status]
                # As Hadoop does: such names are no data.
                inside = status.isDirectory()
                files = [child.getPath() for child in children if child.isFile()]
                urls += sorted(file.toString() for file in files if not (inside and file.getName()[0] in "._"))
        except Py4JJavaError as error:
            raise UsageError(f"{argument}: cannot list: {error.java_exception.toString()}") from error
        if not urls:
            raise UsageError(f"{argument}: there is no file")
        return [Capture(url, capture.name) for url in urls]

    def _named(self, argument):
        """Reads `URL` or `NAME=URL`: as with `dsrproof -r`, a file whose own name has a `=` comes first."""
        capture = Capture.named(argument)
        return Capture(argument) if capture.name and self._is_there(argument) else capture

    def _is_there(self, url):
        """Whether a file has this very name. Not every store takes a glob for a name: viewfs refuses it."""
        try:
            path = self._path(url)
            return path.getFileSystem(self._configuration).exists(path)
        except Py4JJavaError:
            return False

    def _path(self, url):
        return self._jvm.org.apache.hadoop.fs.Path(url)

    def _qualified(self, url):
        """The whole URL: what has no scheme is on the file system that Hadoop takes by default."""
        try:
            path = self._path(url)
            return path.getFileSystem(self._configuration).makeQualified(path).toString()
        except Py4JJavaError as error:
            raise UsageError(f"{url}: no such place: {error.java_exception.toString()}") from error
