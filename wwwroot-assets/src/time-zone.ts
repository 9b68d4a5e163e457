// The server renders times as the reader's clocks show them: the first page learns the zone from a cookie, an open one asks.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zone) { document.cookie = `gp-time-zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`; }
(window as any).genkitTimeZone = () => zone ?? null;
