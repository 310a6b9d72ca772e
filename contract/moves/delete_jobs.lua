-- Terminal jobs -> none; answers how many. ARGV: time before which they ended ('' = whenever), job id, ...
local before, deleted = tonumber(ARGV[1]), 0
for k = 2, #ARGV do
    local state, finished = unpack(redis.call('HMGET', job_stem .. ARGV[k], 'state', 'finished_at'))
    if terminal(state) and (not before or tonumber(finished) < before) then
        forget(ARGV[k])
        deleted = deleted + 1
    end
end
return deleted
