package place

import "wafer/internal/machine"

// mostLot is the largest lot. Eight tokens a lot would take a further tenth off the
// cycles of a long prompt, and twice the memory.
const mostLot = 4

// PromptRoom is how many tokens of a prompt one launch takes. Layers work on them at
// the same time, and between launches the wafer runs empty once.
const PromptRoom = 256

// WithLot is the same placement with the largest lots whose vectors fit.
func (p Plan) WithLot(m *machine.Machine) Plan {
	for p.Lot = mostLot; p.Lot > 1 && !p.Fits(m); p.Lot /= 2 {
	}
	return p
}

// Each is how many tokens at a time a prompt of n goes through the layers. All layers
// are at work when the first lot has reached the last one, so large lots are for
// prompts that are long beside the number of layers.
func (p Plan) Each(n int) int {
	best := 1
	for e := 2; e <= min(n, p.Lot); e *= 2 {
		if p.lots(n, e) < p.lots(n, best) {
			best = e
		}
	}
	return best
}

// lots is about how long a prompt takes in lots of e: one lot goes through all layers,
// the others follow, and the last may be smaller.
func (p Plan) lots(n, e int) int {
	whole := (n - 1) / e
	return (p.Model.Layers-1+whole)*lotTime(e) + lotTime(n-whole*e)
}

// lotTime is about how long a layer takes for a lot, in fortieths of the time for one
// token. Measured for SmolLM2 135M, Gemma 3 270M and the embedded model, two tokens
// take 1.5 to 1.6 times as long as one, four 2.2 to 2.5 times.
func lotTime(e int) int {
	if e == 1 {
		return 40
	}
	return 24 + 18*e
}
