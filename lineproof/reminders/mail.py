"""A message by SMTP (RFC 5321), to one recipient.

Its Message-ID (RFC 5322, 3.6.4) is the message's identity, the same with every try: a mail program
shows one that came twice once. A server whose certificate is wrong, or that has no STARTTLS where
that is asked for, is told nothing.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from domain.errors import InputError, shortened
from lineproof.reminders.delivery import NotDeliveredError
from lineproof.reminders.settings import MailServer, secret_of

MAIL_TIMEOUT_S = 15.0
_FOR_GOOD = range(500, 600)  # RFC 5321, 4.2.1: permanent negative completion


def mail_of(
    server: MailServer, recipient: str, identity: str, written: tuple[str, str], at: datetime
) -> EmailMessage:
    """`written`: subject and text."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = recipient
    message["Subject"], text = written
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{identity}@{server.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    message.set_content(text)
    return message


def send_mail(server: MailServer, message: EmailMessage) -> None:
    """Raises NotDeliveredError."""
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        raise _refused("the recipient was refused", code, said) from None
    except smtplib.SMTPAuthenticationError as error:
        # A password that is wrong can be put right: the message is not to blame.
        why = f"the server does not let '{server.user}' in ({error.smtp_code})"
        raise NotDeliveredError(why, is_server=True) from None
    except smtplib.SMTPResponseException as error:
        raise _refused("the server refused it", error.smtp_code, error.smtp_error) from None
    except InputError as error:
        raise NotDeliveredError(str(error)) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        why = shortened(" ".join(str(error).split()) or type(error).__name__)
        raise NotDeliveredError(f"{server.host}:{server.port}: {why}", is_server=True) from None


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=MAIL_TIMEOUT_S, context=_trust(server)
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=MAIL_TIMEOUT_S)
    try:
        if server.security == "starttls":
            connection.starttls(context=_trust(server))
        if server.password_file is not None:
            connection.login(server.user, secret_of(server.password_file))
    except BaseException:
        connection.close()
        raise
    return connection


def _trust(server: MailServer) -> ssl.SSLContext:
    trust = ssl.create_default_context()
    if server.authority is not None:
        trust.load_verify_locations(server.authority)
    return trust


def _refused(what: str, code: int, said: bytes | str) -> NotDeliveredError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = shortened(" ".join(text.split()))
    return NotDeliveredError(f"{what}: {code} {words}", for_good=code in _FOR_GOOD)
