package trace

import (
	"fmt"
	"math"
)

// The colour scale runs from dark blue over green to yellow with rising
// lightness, so that it also reads in grey and for most colour-blind eyes. The
// anchors are joined in OKLab (Björn Ottosson, "A perceptual color space for
// image processing", 2020), where equal steps look equal.

type rgb struct{ r, g, b uint8 }

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// anchors are evenly spaced on the scale.
func anchors() []rgb {
	return []rgb{{0x2d, 0x1e, 0x6b}, {0x2c, 0x58, 0x9c}, {0x1b, 0x8f, 0x91}, {0x66, 0xbd, 0x5c}, {0xf5, 0xe2, 0x4a}}
}

// absent is the colour of a cell without a value: a core that is dead or not in
// use. A middle grey is seen on a light and on a dark page.
func absent() rgb { return rgb{0x9a, 0x9d, 0xa3} }

// palette is the scale in 256 steps.
func palette() [256]rgb {
	a := anchors()
	var out [256]rgb
	for i := range out {
		t := float64(i) / 255 * float64(len(a)-1)
		k := min(int(t), len(a)-2)
		out[i] = mix(a[k], a[k+1], t-float64(k))
	}
	return out
}

func mix(a, b rgb, t float64) rgb {
	p, q := toLab(a), toLab(b)
	for i := range p {
		p[i] += float64((q[i] - p[i]) * t)
	}
	return fromLab(p)
}

// toLab and fromLab are the published matrices.
func toLab(c rgb) [3]float64 {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(dot(r, g, b, 0.4122214708, 0.5363325363, 0.0514459929))
	m := math.Cbrt(dot(r, g, b, 0.2119034982, 0.6806995451, 0.1073969566))
	s := math.Cbrt(dot(r, g, b, 0.0883024619, 0.2817188376, 0.6299787005))
	return [3]float64{
		dot(l, m, s, 0.2104542553, 0.7936177850, -0.0040720468),
		dot(l, m, s, 1.9779984951, -2.4285922050, 0.4505937099),
		dot(l, m, s, 0.0259040371, 0.7827717662, -0.8086757660),
	}
}

func fromLab(c [3]float64) rgb {
	l := cube(dot(c[0], c[1], c[2], 1, 0.3963377774, 0.2158037573))
	m := cube(dot(c[0], c[1], c[2], 1, -0.1055613458, -0.0638541728))
	s := cube(dot(c[0], c[1], c[2], 1, -0.0894841775, -1.2914855480))
	return rgb{
		gamma(dot(l, m, s, 4.0767416621, -3.3077115913, 0.2309699292)),
		gamma(dot(l, m, s, -1.2684380046, 2.6097574011, -0.3413193965)),
		gamma(dot(l, m, s, -0.0041960863, -0.7034186147, 1.7076147010)),
	}
}

// dot rounds every product, so that no host fuses and shifts a colour.
func dot(x, y, z, a, b, c float64) float64 {
	return float64(x*a) + float64(y*b) + float64(z*c)
}

func cube(x float64) float64 { return x * x * x }

func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

func gamma(x float64) uint8 {
	if x <= 0.0031308 {
		x *= 12.92
	} else {
		x = float64(1.055*math.Pow(x, 1/2.4)) - 0.055
	}
	return uint8(math.Round(255 * min(max(x, 0), 1)))
}
