-- running -> queued, by a worker that shuts down in order. ARGV: job id, fence, retention.
local id, fence, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not holds(id, fence) then return 0 end
if get(id, 'cancel') then
    finish_cancelled(id, 'running', retention)
else requeue(id) end
return 1
