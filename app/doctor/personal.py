"""Takes out of a text what tells of a person or of one single machine, so that it can be shown to strangers."""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

#: Names of users that tell of nobody, and that stand in texts for something else.
_NOBODY = frozenset("root user admin administrator ubuntu debian pi guest test runner video python".split())  # noqa: SIM905
_NOBODY |= frozenset("camera live linux system account service default desktop window".split())  # noqa: SIM905
#: Names of machines, likewise.
_ANYWHERE = frozenset(["localhost", "local", "computer", "ubuntu", "debian", "fedora"])
_SHORTEST = 3  # letters: "Al" stands in many a word of a sentence, and is taken out of paths alone

_HOMES = (
    # The user's part of a path ends at the next separator; on Windows names may hold blanks.
    (re.compile(r"(?i)\b[a-z]:[\\/]+(?:users|documents and settings)[\\/]+[^\\/:*?\"<>|\r\n]+(?=[\\/])"), "~"),
    (re.compile(r"(?i)\b[a-z]:[\\/]+(?:users|documents and settings)[\\/]+[^\s\\/:*?\"<>|,;)']+"), "~"),
    (re.compile(r"(?<![\w.])/(?:home|Users|var/home|export/home)/[^/\s:,;)'\"]+(?: [^/\s:,;)'\"]+)*(?=/)"), "~"),
    (re.compile(r"(?<![\w.])/(?:home|Users|var/home|export/home)/[^/\s:,;)'\"]+"), "~"),
    (re.compile(r"(?<![\w.])/root(?![\w.-])"), "~"),
    (re.compile(r"(?<![\w.])(/(?:run/)?media)/[^/\s]+"), r"\1/<user>"),
    (re.compile(r"/run/user/\d+"), "/run/user/<number>"),
)
_SERIALS = (
    (re.compile(r"(?i)\b((?:rtsp|rtmp|rtp|udp|tcp|srt)s?://)[^\s/]+"), r"\1<address>"),  # a camera in the network
    (re.compile(r"(?i)\b(https?://)[^\s/@]*@[^\s/]+"), r"\1<address>"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<address>"),  # of e-mail
    (re.compile(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "<serial>"),  # a GUID
    (re.compile(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"), "<serial>"),  # a network card's address
    # Four figures can be a version too; these are of networks at home, or of a page on some machine.
    (re.compile(r"(?<=//)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), "<address>"),
    (
        re.compile(r"(?<![\d.])(?:10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2,3}(?![\d.])"),
        "<address>",
    ),
    (re.compile(r"(?i)(?<![0-9a-z:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}(?![0-9a-z:])"), "<address>"),
    # Windows names a device \\?\usb#vid_046d&pid_0825&mi_00#7&2f1c&0&0000#{...}: what follows the kind is this one's.
    (re.compile(r"(?i)((?:usb|hid|pci|swd|root)#[^#\s]+)#[^#\s)]+"), r"\1#<serial>"),
    (re.compile(r"(?i)(/by-id/)[^\s),;]+"), r"\1<serial>"),
    (re.compile(r"(?i)\b((?:serial(?: number| no\.?)?|s/n|sn)\s*[:=#]?\s*)(?=[\w-]*\d)[\w-]{4,}"), r"\1<serial>"),
    (re.compile(r"(?i)\b0x[0-9a-f]{6,}\b"), "<serial>"),  # macOS: the place of a device
    # Ten or more letters and figures in a row with at least four figures are nobody's word.
    (re.compile(r"(?<![\w.-])(?=(?:[A-Za-z]*\d){4})[A-Za-z0-9]{10,}(?![\w.])"), "<serial>"),
    # "Anna's iPhone", "iPhone von Anna": how telephones call themselves as cameras.
    (
        re.compile(
            r"(?<![\w'’])[^\W\d_][\w.-]*(?:['’]s|s['’])(?=\s+(?:i?phone|ipad|mac|galaxy|pixel|camera|kamera))", re.I
        ),
        "<owner>'s",
    ),
    (
        re.compile(r"(?i)\b((?:iphone|ipad|macbook|galaxy|pixel)\b[\w ]*? (?:von|de|di|of|van|av))\s+[^\s,;)(]+"),
        r"\1 <owner>",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who must not be told of."""

    users: tuple[str, ...] = ()  # the login name, and the words of the full name
    hosts: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()  # folders

    @classmethod
    def here(cls) -> Identity:
        """Of whoever runs this program, and of this machine."""
        users: list[str] = []
        homes, hosts = [str(Path.home())], [socket.gethostname()]
        try:
            users.append(getpass.getuser())
        except (OSError, KeyError, ImportError):  # no such user in the system's list
            users += [os.environ[name] for name in ("USER", "USERNAME", "LOGNAME") if os.environ.get(name)]
        if sys.platform != "win32":
            import pwd

            try:
                entry = pwd.getpwuid(os.getuid())
            except KeyError:
                pass
            else:
                users += [entry.pw_name, *entry.pw_gecos.split(",")[0].split()]
                homes.append(entry.pw_dir)
        hosts += [name for name in (os.environ.get("COMPUTERNAME"), os.environ.get("HOSTNAME")) if name]
        hosts += [host.split(".")[0] for host in hosts]
        users += [word for user in users for word in user.split()]
        return cls(
            users=tuple(dict.fromkeys(users)), hosts=tuple(dict.fromkeys(hosts)), homes=tuple(dict.fromkeys(homes))
        )


def without_person(text: str, who: Identity) -> str:
    """``text`` without names of people and machines, home folders, addresses and serial numbers."""
    for home in sorted(who.homes, key=len, reverse=True):
        if len(home.strip("/\\")) >= _SHORTEST:
            text = re.sub(rf"(?i){re.escape(home)}(?![\w.-])", "~", text)
    for pattern, instead in (*_HOMES, *_SERIALS):
        text = pattern.sub(instead, text)
    names = [(name, "<host>") for name in who.hosts if name.lower() not in _ANYWHERE]
    names += [(name, "<user>") for name in who.users if name.lower() not in _NOBODY]
    for name, instead in sorted(names, key=lambda pair: len(pair[0]), reverse=True):
        around = ("(?<![^\\W_])", "(?![^\\W_])") if len(name) >= _SHORTEST else ("(?<=[\\\\/])", "(?![^\\\\/])")
        if name:
            text = re.sub(rf"(?i){around[0]}{re.escape(name)}{around[1]}", instead, text)
    return text
