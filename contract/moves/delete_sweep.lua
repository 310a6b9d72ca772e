-- A sweep that has ended, and its jobs -> none. ARGV: sweep id. Answers the state found.
local state = redis.call('HGET', sweep_stem .. ARGV[1], 'state')
if terminal(state) then forget_sweep(ARGV[1]) end
return state
