package exec

// Timing says how many cycles a step takes on the wafer, by position.
type Timing struct {
	// Cycles has one entry a position that was measured.
	Cycles []int64
}

// At gives the cycles of the step at a position.
func (t *Timing) At(pos int) int64 { return t.Cycles[min(pos, len(t.Cycles)-1)] }
