package validate

import "math"

// The model of "Near-Optimal Wafer-Scale Reduce" (HPDC'24, arXiv 2404.15888):
//
//	T = max(C, E/N + L) + (2·T_R + 1)·D
//
// with C the most words through one core, E the word-hops, N the links used, L
// the longest way in hops, D the length of the dependent chain, T_R = 2.
const (
	rampTime = 2
	depth    = 2*rampTime + 1
)

func starModel(p, b float64) float64  { return b*(p-1) + depth }
func chainModel(p, b float64) float64 { return b + (2*rampTime+2)*(p-1) }

func treeModel(p, b float64) float64 {
	through, links := treeBounds(p, b)
	return math.Max(through, links) + depth*math.Log2(p)
}

// treeBounds gives C and E/N + L of a tree.
func treeBounds(p, b float64) (through, links float64) {
	l := math.Log2(p)
	return b * l, b*p*l/(2*(p-1)) + p - 1
}

func twoPhaseModel(p, b float64) float64 {
	through, links := twoPhaseBounds(p, b)
	return math.Max(through, links) + depth*(2*math.Sqrt(p)-2)
}

// twoPhaseBounds gives C and E/N + L of chains of √p cores, then a chain of their
// first cores. The paper's digests do not spell them out: they are our reading.
func twoPhaseBounds(p, b float64) (through, links float64) {
	s := math.Sqrt(p)
	return 2 * b, (b*(p-s)+b*(s-1)*s)/(p-1) + p - 1
}

func ringModel(p, b float64) float64 {
	return 2*(p-1)*b/p + 4*p - 6 + 2*(p-1)*depth
}

// broadcastModel is the flood of b words over w×h cores.
func broadcastModel(w, h, b float64) float64 {
	return b + w + h - 2 + depth
}
