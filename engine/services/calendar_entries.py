"""An appointment as an iCalendar file (RFC 5545) for somebody's own calendar. Knows no case and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

#: Who made the file, as the standard asks.
PRODUCT = "-//Doudi//Appointments//ZH"
REMINDED = timedelta(hours=1)


@dataclass(frozen=True)
class CalendarEntry:
    """One entry: ``uid`` is the same whenever the entry is made again, so that a calendar replaces what it has."""

    uid: str
    begins_at: datetime
    ends_at: datetime
    title: str
    place: str
    text: str
    link: str


def written(entry: CalendarEntry, now: datetime) -> bytes:
    """The file, with a reminder an hour before. Moments are UTC, so that no time zone has to be described."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", entry.begins_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("location", entry.place)
    event.add("description", entry.text)
    if entry.link:
        event.add("url", entry.link)
    event.add_component(_alarm(entry.title))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMINDED)
    return alarm
