package image

// Rep is how a scalar is held in a register and in memory. A register of the
// simulated core is 64 bits wide here; unused high bits are zero for unsigned,
// floating-point and pointer values and copies of the sign for signed integers.
type Rep uint8

// The representations. B1 is bool; I8 and U8 take a whole word in memory.
const (
	Void Rep = iota
	B1
	I8
	U8
	I16
	U16
	I32
	U32
	I64
	U64
	F16
	BF16
	CB16
	F32
	DSD1 // memory, fabric or FIFO descriptor: one register, four words
	DSD4 // mem4d descriptor: three registers, twelve words
	NumReps
)

// Words is the size of a Rep in memory, in 16-bit words.
func (r Rep) Words() int {
	return [NumReps]int{0, 1, 1, 1, 1, 1, 2, 2, 4, 4, 1, 1, 1, 2, 4, 12}[r]
}

// Regs is the number of registers that a Rep takes.
func (r Rep) Regs() int {
	switch r {
	case Void:
		return 0
	case DSD4:
		return 3
	}
	return 1
}

// Float reports a floating-point representation.
func (r Rep) Float() bool { return r >= F16 && r <= F32 }

// Signed reports a signed integer.
func (r Rep) Signed() bool { return r == I8 || r == I16 || r == I32 || r == I64 }

// String gives the name used in listings.
func (r Rep) String() string {
	return [NumReps]string{
		"void", "b1", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64",
		"f16", "bf16", "cb16", "f32", "dsd1", "dsd4",
	}[r]
}
