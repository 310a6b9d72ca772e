-- running -> running. ARGV: job id, fence, lease, history offset, history rows, field, value, ...
local id, fence, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not holds(id, fence) then return 'stale' end
write_history(id, ARGV[4], ARGV[5])
if ARGV[6] then set(id, unpack(ARGV, 6)) end
lease_until(id, now + lease)
return get(id, 'cancel') and 'cancel' or 'go_on'
