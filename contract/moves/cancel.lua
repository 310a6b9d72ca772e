-- queued -> cancelled; running: the worker is asked to stop. ARGV: job id, retention. Answers the state found.
local id, retention = ARGV[1], tonumber(ARGV[2])
local state = get(id, 'state')
if state == 'queued' then
    finish_cancelled(id, 'queued', retention)
elseif state == 'running' then set(id, 'cancel', 1) end
return state
