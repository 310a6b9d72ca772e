-- queued -> running. ARGV: job id, worker, worker's version, lease, newest record format that the worker reads.
local id, worker, version, lease, format = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if get(id, 'state') ~= 'queued' or tonumber(get(id, 'format')) > format then return false end
local fence = redis.call('HINCRBY', job_stem .. id, 'fence', 1)
local attempt = tonumber(get(id, 'leases_lost')) + 1
redis.call('HSETNX', job_stem .. id, 'started_at', text(now))
set(id, 'attempt', attempt, 'worker', worker, 'version', version, 'lease_until', text(now + lease))
move(id, 'queued', 'running', now + lease)
return {fence, attempt, get(id, 'dataset'), get(id, 'settings'), get(id, 'warnings')}
