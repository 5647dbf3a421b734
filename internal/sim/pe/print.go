package pe

import (
	"math"
	"strconv"
	"strings"

	"wafer/internal/image"
	"wafer/internal/num"
)

// format is a parsed text of OpPrint: pieces of text around arguments, one
// register each. "{f32}" prints a register as that representation, "{u16:x}" in
// hexadecimal, "{u16:b}" in binary, "{u16:c}" as a character, "{u16:s}" the bytes
// at that address up to a zero, one a word. "{{" is a brace.
type format []piece

type piece struct {
	text string // before the argument
	rep  image.Rep
	spec byte
	arg  bool
}

// MaxPrintString bounds a "{u16:s}".
const MaxPrintString = 1024

func parseFormat(s string) format {
	var f format
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '{' {
			text.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '{' {
			text.WriteByte('{')
			i++
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		rep, spec := image.Void, byte(0)
		if end > 0 {
			rep, spec = parseArg(s[i+1 : i+end])
		}
		if rep == image.Void { // not an argument: plain text
			text.WriteByte('{')
			continue
		}
		f = append(f, piece{text: text.String(), rep: rep, spec: spec, arg: true})
		text.Reset()
		i += end
	}
	return append(f, piece{text: text.String()})
}

func parseArg(s string) (image.Rep, byte) {
	name, spec, _ := strings.Cut(s, ":")
	for r := image.B1; r < image.NumReps; r++ {
		if r.String() == name {
			if spec == "" {
				return r, 0
			}
			return r, spec[0]
		}
	}
	return image.Void, 0
}

// text renders the format with the registers from first on.
func (k *Cluster) text(c *Core, f format, first uint16) string {
	var b strings.Builder
	for _, p := range f {
		b.WriteString(p.text)
		if p.arg {
			b.WriteString(k.value(c, *c.reg(first), p.rep, p.spec))
			first += uint16(p.rep.Regs())
		}
	}
	return b.String()
}

func (k *Cluster) value(c *Core, v uint64, r image.Rep, spec byte) string {
	bits := v & (1<<(16*r.Words()) - 1)
	if r.Words() >= 4 {
		bits = v
	}
	switch spec {
	case 'x':
		return strconv.FormatUint(bits, 16)
	case 'b':
		return strconv.FormatUint(bits, 2)
	case 'c':
		return string(rune(byte(v)))
	case 's':
		return k.cstring(c, uint16(v))
	}
	switch {
	case r == image.B1:
		return strconv.FormatBool(v != 0)
	case r == image.F32:
		return strconv.FormatFloat(float64(math.Float32frombits(uint32(v))), 'g', -1, 32)
	case r.Float():
		return strconv.FormatFloat(float64(k.format(r).ToF32(uint16(v))), 'g', -1, 32)
	case r.Signed():
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatUint(bits, 10)
}

func (k *Cluster) cstring(c *Core, a uint16) string {
	var b strings.Builder
	for range MaxPrintString {
		if int(a) >= len(c.mem) || c.mem[a] == 0 {
			break
		}
		b.WriteByte(byte(c.mem[a]))
		a++
	}
	return b.String()
}

// format gives the arithmetic of a 16-bit float representation.
func (k *Cluster) format(r image.Rep) num.Format {
	switch r {
	case image.BF16:
		return num.BF16
	case image.CB16:
		return num.CB16
	}
	return num.F16
}
