-- A job's record and its history rows, as of one moment. ARGV: job id.
-- A script and not MULTI, of which Redis refuses even reads while it has no memory.
local id = ARGV[1]
return {redis.call('HGETALL', job_stem .. id), redis.call('GET', history_stem .. id)}
