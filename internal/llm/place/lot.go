package place

// Each is how many tokens at a time a prompt of n goes through the layers.
func (p Plan) Each(n int) int { return p.Lot }
