-- Posts lines of a file to /classify: wrk ... -s classify.lua URL -- FILE LINES_A_REQUEST
local bodies, turn = {}, 0

function init(args)
  local size, records = tonumber(args[2]), {}
  for line in io.lines(args[1]) do
    records[#records + 1] = '{"message":"' .. line:gsub('[\\"]', '\\%0') .. '"}'
    if #records == size then
      bodies[#bodies + 1] = size == 1 and records[1] or '{"records":[' .. table.concat(records, ",") .. ']}'
      records = {}
    end
  end
end

function request()
  turn = turn % #bodies + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, bodies[turn])
end
