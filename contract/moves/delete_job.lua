-- A terminal job that is part of no sweep -> none. ARGV: job id. Answers the state found, and the sweep.
local state, sweep = get(ARGV[1], 'state'), get(ARGV[1], 'sweep')
if terminal(state) and not sweep then forget(ARGV[1]) end
return {state, sweep}
