package nodiff

// dice is a seeded source of choices (splitmix64, Steele, Lea and Flood 2014): the
// same seed gives the same program on every host and with every release of Go.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n is a number from 0 to n-1.
func (d *dice) n(n int) int { return int(d.next() >> 1 % uint64(n)) }

// between is a number from lo to hi, both included.
func (d *dice) between(lo, hi int) int { return lo + d.n(hi-lo+1) }

// one is true once in n times.
func (d *dice) one(n int) bool { return d.n(n) == 0 }

func pick[T any](d *dice, list []T) T { return list[d.n(len(list))] }

// value is a value of type t: mostly small, sometimes at the ends of the range.
func (d *dice) value(t Type) Value {
	switch {
	case t == Bool:
		return Value(d.n(2))
	case t == F32:
		return Value(f32bits(float32(d.between(-400, 400)) / float32(int(1)<<d.n(6))))
	case t == F16:
		return Value(half.FromF64(float64(d.between(-200, 200)) / float64(int(1)<<d.n(5))))
	case d.one(6):
		return t.norm(1<<(t.bits()-1) - Value(d.n(3)))
	case d.one(5):
		return t.norm(Value(d.next()))
	}
	return t.norm(Value(int64(d.between(-20, 60))))
}
