"""Authorities and what they sign, by the openssl command, as NAME.pem and NAME.key in a folder."""

import pathlib
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def authority(folder, name="ca"):
    _openssl(folder, "req", "-x509", *KEY, "-days", "2", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".pem",
             "-addext", "basicConstraints=critical,CA:TRUE")


def signed(folder, name, alternatives="", subject=None, by="ca"):
    """`alternatives`: as IP:127.0.0.1,DNS:localhost. `subject`: as /O=group/CN=user, else the name."""
    _openssl(folder, "req", *KEY, "-subj", subject or "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr")
    extensions = pathlib.Path(folder) / (name + ".ext")
    extensions.write_text(f"subjectAltName={alternatives}\n" if alternatives else "")
    _openssl(folder, "x509", "-req", "-days", "2", "-CA", by + ".pem", "-CAkey", by + ".key", "-CAcreateserial",
             "-in", name + ".csr", "-extfile", extensions.name, "-out", name + ".pem")
