package value

import (
	"math"
	"math/bits"
)

// stream is a counter-based random source (SplitMix64: a Weyl counter behind a
// mixing function). Every path owns one, keyed by (seed, path, lane), so a path
// is the same whoever computes it and whatever the paths before it consumed.
// That is what makes results independent of the number of workers, lets a path
// stop early, and gives bumped runs the same noise as the base run.
type stream struct{ counter uint64 }

const weyl = 0x9e3779b97f4a7c15 // 2^64 / golden ratio, odd

// mix64 is the output function of SplitMix64 (Steele, Lea, Flood 2014).
func mix64(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// newStream keys a stream. Rotating between the mixes keeps neighbouring paths
// of neighbouring seeds apart.
func newStream(seed, path, lane uint64) stream {
	k := mix64(seed + weyl)
	k = mix64(bits.RotateLeft64(k, 17) ^ (path+1)*weyl)
	return stream{mix64(k ^ (lane+1)*0xd1342543de82ef95)}
}

func (s *stream) next() uint64 {
	s.counter += weyl
	return mix64(s.counter)
}

// uniform is in (0, 1), never at the ends: logarithms of it are finite.
func (s *stream) uniform() float64 {
	return (float64(s.next()>>11) + 0.5) * 0x1p-53
}

// The ziggurat (Marsaglia, Tsang 2000) covers the bell curve with 256 layers of
// equal area; 98.9 % of draws need one table look-up and one multiplication.
const (
	zigLayers = 256
	zigEdge   = 3.6541528853610088   // where the tail begins
	zigArea   = 0.004928673233974655 // area of a layer, checked by a test
)

type zigTable struct {
	fast  [zigLayers]int64   // below this magnitude the draw is inside the layer
	width [zigLayers]float64 // scale from a 53-bit integer to x
	f     [zigLayers + 1]float64
}

var zig = buildZiggurat()

func buildZiggurat() *zigTable {
	var t zigTable
	bell := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	var x [zigLayers + 1]float64
	x[0] = zigArea / bell(zigEdge) // the base layer counts its tail as width
	x[1] = zigEdge
	for i := 2; i < zigLayers; i++ {
		x[i] = math.Sqrt(-2 * math.Log(zigArea/x[i-1]+bell(x[i-1])))
	}
	for i := range zigLayers {
		t.width[i] = x[i] * 0x1p-52
		t.fast[i] = int64(x[i+1] / x[i] * 0x1p52)
		t.f[i] = bell(x[i])
	}
	t.f[zigLayers] = 1
	return &t
}

// normals fills out with independent standard normal numbers.
func (s *stream) normals(out []float64) {
	t, c := zig, s.counter
	for i := range out {
		c += weyl
		u := mix64(c)
		layer := u & (zigLayers - 1)
		m := int64(u) >> 11 // signed, 53 bits, apart from the layer's bits
		if a := (m ^ m>>63) - m>>63; a < t.fast[layer] {
			out[i] = float64(m) * t.width[layer]
			continue
		}
		s.counter = c
		out[i] = s.slowNormal(layer, m)
		c = s.counter
	}
	s.counter = c
}

// slowNormal finishes a draw that fell outside the inner rectangle: the tail for
// the base layer, the wedge under the curve for the others, else a fresh draw.
func (s *stream) slowNormal(layer uint64, m int64) float64 {
	t := zig
	for {
		x := float64(m) * t.width[layer]
		switch {
		case max(m, -m) < t.fast[layer]:
			return x
		case layer == 0:
			return math.Copysign(s.tail(), x)
		case t.f[layer]+s.uniform()*(t.f[layer+1]-t.f[layer]) < math.Exp(-0.5*x*x):
			return x
		}
		u := s.next()
		layer, m = u&(zigLayers-1), int64(u)>>11
	}
}

// tail draws from the normal distribution beyond zigEdge (Marsaglia 1964).
func (s *stream) tail() float64 {
	for {
		x := -math.Log(s.uniform()) / zigEdge
		if -2*math.Log(s.uniform()) > x*x {
			return zigEdge + x
		}
	}
}
