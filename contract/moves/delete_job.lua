-- A terminal job -> none. ARGV: job id. Answers the state found.
local state = get(ARGV[1], 'state')
if terminal(state) then forget(ARGV[1]) end
return state
