# Log lines of a shop, about 100 bytes each, always the same ones: awk -v bytes=N -f lines.awk
function pick(n) { seed = (seed * 16807) % 2147483647; return seed % n }
BEGIN {
  seed = 42
  n = split("cart checkout payment search stock mail", service, " ")
  while (written < bytes) {
    i++
    ms = i % 1000; s = int(i / 1000) % 60; m = int(i / 60000) % 60; h = int(i / 3600000) % 24
    at = sprintf("2026-01-05T%02d:%02d:%02d.%03dZ", h, m, s, ms)
    who = service[1 + pick(n)]; kind = pick(100)
    if (kind < 55) what = sprintf("INFO  [%s] GET /api/items/%d answered 200 in %d ms for client %d", who, pick(9000), pick(90), pick(30000))
    else if (kind < 75) what = sprintf("DEBUG [%s] cache hit for key session:%x after %d entries were looked at", who, pick(32000) * 977, pick(400))
    else if (kind < 85) what = sprintf("INFO  [%s] consumed offset %d of partition %d, lag %d records", who, i, pick(12), pick(50))
    else if (kind < 92) what = sprintf("WARN  [%s] connection pool is at %d of 50, the oldest borrowed %d s ago", who, 40 + pick(10), pick(60))
    else if (kind < 96) what = sprintf("ERROR [%s] dial tcp 10.0.%d.%d:5432: connect: connection refused, attempt %d", who, pick(255), pick(255), pick(5))
    else if (kind < 98) what = sprintf("ERROR [%s] java.lang.OutOfMemoryError: Java heap space while reading order %d", who, pick(30000))
    else what = sprintf("WARN  [%s] certificate of gateway-%d.shop.example ends in %d days", who, pick(20), pick(14))
    line = at " " what
    written += length(line) + 1
    print line
  }
}
