package num

import "testing"

// The language reference gives the bits of 6.0 in all three formats.
func TestSixAsDocumented(t *testing.T) {
	for f, want := range map[Format]uint16{F16: 0b0100011000000000, BF16: 0b0100000011000000, CB16: 0b0101100100000000} {
		if got := f.FromF32(6); got != want {
			t.Errorf("6.0 in %v is %016b, want %016b", f, got, want)
		}
	}
}
