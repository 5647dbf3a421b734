package pe

// fast runs an operation on contiguous memory by a kernel; false if it has no
// kernel or operands overlap in a way that the order of elements would show.
func (k *Cluster) fast(c *Core, o *op) bool { return false }
