const held = []
for (let round = 0; ; round++) held.push({ round, text: `text ${round}`.repeat(10) })
