// Package syntax turns CSL source text into a tree.
//
// In: the bytes of one file. Out: a File with every top-level declaration, and
// diagnostics. Both dialects (SDK 1.x and 2.10) share one grammar. The tree is
// immutable after parsing and shared by all instances of the file. It carries
// no types: what a name means is found by sema.
package syntax

import "wafer/internal/diag"

// Pos is a byte offset in a File.
type Pos int32

// File is one parsed source file.
type File struct {
	Name  string // as given to Parse: what diagnostics show
	Text  []byte
	Decls []Decl
	lines []int32 // offsets of line starts
}

// Decl is a top-level declaration.
type Decl interface{ declNode() }

// Expr is an expression; blocks, if and switch are expressions too.
type Expr interface {
	Pos() Pos
	exprNode()
}

// Stmt is a statement in a block.
type Stmt interface {
	Pos() Pos
	stmtNode()
}

// At is where a node starts; nodes embed it.
type At struct{ At_ Pos }

// Pos gives the offset of the node's first byte, or of its operator.
func (a At) Pos() Pos { return a.At_ }

// VarKind tells const, var, param and comptime var apart.
type VarKind uint8

// The kinds of variable declaration.
const (
	KindConst VarKind = iota
	KindVar
	KindParam
	KindComptimeVar
)

// Storage is the storage class of a global.
type Storage uint8

// Storage classes.
const (
	StorageNone Storage = iota
	StorageExport
	StorageExtern
)

// VarDecl declares a variable or parameter, global or local.
type VarDecl struct {
	At
	Kind        VarKind
	Storage     Storage
	Name        string
	NamePos     Pos
	Type        Expr // nil if not given
	Align       Expr // bytes; nil if not given
	LinkSection Expr
	LinkName    Expr
	Init        Expr // nil if not given
}

// FnDecl declares a function or task.
type FnDecl struct {
	At
	Name     string
	NamePos  Pos
	Task     bool
	Inline   bool
	Storage  Storage
	LinkName Expr
	Params   []Param
	Ret      Expr
	Body     *Block // nil for extern
	End      Pos
}

// Param is a function parameter.
type Param struct {
	Pos      Pos
	Name     string
	Comptime bool
	Type     Expr // nil for anytype
}

// LayoutDecl is the layout block.
type LayoutDecl struct {
	At
	Body *Block
}

// ComptimeDecl is a comptime block at top level.
type ComptimeDecl struct {
	At
	Body *Block
}

func (*VarDecl) declNode()      {}
func (*FnDecl) declNode()       {}
func (*LayoutDecl) declNode()   {}
func (*ComptimeDecl) declNode() {}

// Op is a unary or binary operator.
type Op uint8

// The operators of the language.
const (
	OpNone Op = iota
	Add
	Sub
	Mul
	Div
	Mod
	And // &
	Or  // |
	Xor // ^
	Shl
	Shr
	LogAnd
	LogOr
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	Neg    // -x
	Not    // !x
	BitNot // ~x
)

// String gives the operator as written.
func (o Op) String() string {
	return [...]string{
		"", "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "and", "or",
		"==", "!=", "<", "<=", ">", ">=", "-", "!", "~",
	}[o]
}

// Expressions.
type (
	// Ident is a name. Primitive types, true, false and undefined are names too.
	Ident struct {
		At
		Name string
	}
	// IntLit is an integer or character literal; Text is as written.
	IntLit struct {
		At
		Text  string
		Small int64 // the value, if IsSmall
		Fits  bool  // Small holds the value
	}
	// FloatLit is a floating-point literal.
	FloatLit struct {
		At
		Text  string
		Value float64
	}
	// StringLit is a string literal, escapes resolved.
	StringLit struct {
		At
		Value string
	}
	// Unary is Op X for Neg, Not, BitNot.
	Unary struct {
		At
		Op Op
		X  Expr
	}
	// Binary is X Op Y; At_ is the operator.
	Binary struct {
		At
		Op   Op
		X, Y Expr
	}
	// AddrOf is &X.
	AddrOf struct {
		At
		X Expr
	}
	// Deref is X.*.
	Deref struct {
		At
		X Expr
	}
	// Field is X.Name; At_ is the name.
	Field struct {
		At
		X    Expr
		Name string
	}
	// Index is X[I, J, …]; At_ is the bracket.
	Index struct {
		At
		X       Expr
		Indices []Expr
	}
	// Call is Fun(Args).
	Call struct {
		At
		Fun  Expr
		Args []Expr
	}
	// Builtin is @Name(Args); Name without the @.
	Builtin struct {
		At
		Name string
		Args []Expr
	}
	// StructLit is Type{ .a = x, … } or .{ … } (Type nil). Names is nil for a tuple
	// or array literal. Colon is true for the older form with ".a: x".
	StructLit struct {
		At
		Type   Expr
		Names  []string
		NameAt []Pos
		Values []Expr
	}
	// ArrayType is [Dims…]Elem.
	ArrayType struct {
		At
		Dims []Expr
		Elem Expr
	}
	// PtrType is *Elem, *const Elem, [*]Elem or [*]const Elem.
	PtrType struct {
		At
		Many  bool
		Const bool
		Elem  Expr
	}
	// FnType is fn(A, B) R or task(A) R.
	FnType struct {
		At
		Task   bool
		Params []Expr
		Ret    Expr
	}
	// EnumType is enum(T) { a, b = 1 }; Base nil where not given.
	EnumType struct {
		At
		Base   Expr
		Names  []string
		NameAt []Pos
		Values []Expr // nil entries where not given
	}
	// StructType is struct { a: T, … } or union { … }.
	StructType struct {
		At
		Union  bool
		Packed bool
		Extern bool
		Names  []string
		NameAt []Pos
		Types  []Expr
		Inits  []Expr // default values, nil entries where not given
	}
	// If is an if expression or statement; Else nil where not given.
	If struct {
		At
		Cond Expr
		Then Expr
		Else Expr
	}
	// Switch selects a branch by value.
	Switch struct {
		At
		Subject Expr
		Cases   []Case
	}
	// Comptime is comptime X, X possibly a block.
	Comptime struct {
		At
		X Expr
	}
	// Lambda is |i,j|{M,N} -> Body of tensor_access.
	Lambda struct {
		At
		Vars    []string
		VarAt   []Pos
		Extents []Expr
		Body    Expr
	}
	// Block is { … }, possibly labelled.
	Block struct {
		At
		Label string
		Stmts []Stmt
		End   Pos
	}
	// Asm is an inline assembly expression, kept for its diagnostic.
	Asm struct{ At }
)

// Case is one branch of a switch; Values nil for else.
type Case struct {
	Pos    Pos
	Values []Expr
	Body   Expr
}

func (*Ident) exprNode()      {}
func (*IntLit) exprNode()     {}
func (*FloatLit) exprNode()   {}
func (*StringLit) exprNode()  {}
func (*Unary) exprNode()      {}
func (*Binary) exprNode()     {}
func (*AddrOf) exprNode()     {}
func (*Deref) exprNode()      {}
func (*Field) exprNode()      {}
func (*Index) exprNode()      {}
func (*Call) exprNode()       {}
func (*Builtin) exprNode()    {}
func (*StructLit) exprNode()  {}
func (*ArrayType) exprNode()  {}
func (*PtrType) exprNode()    {}
func (*FnType) exprNode()     {}
func (*EnumType) exprNode()   {}
func (*StructType) exprNode() {}
func (*If) exprNode()         {}
func (*Switch) exprNode()     {}
func (*Comptime) exprNode()   {}
func (*Lambda) exprNode()     {}
func (*Block) exprNode()      {}
func (*Asm) exprNode()        {}

// Statements. An ExprStmt may hold a Block, If, Switch or Comptime.
type (
	// ExprStmt is an expression evaluated for its effect.
	ExprStmt struct{ X Expr }
	// DeclStmt is a local variable.
	DeclStmt struct{ Decl *VarDecl }
	// Assign is LHS = RHS or LHS op= RHS; LHS nil for "_ = x".
	Assign struct {
		At
		Op  Op // OpNone for plain assignment
		LHS Expr
		RHS Expr
	}
	// While is while (Cond) : (Post) Body.
	While struct {
		At
		Label  string
		Inline bool
		Cond   Expr
		Post   Stmt // nil where not given
		Body   *Block
	}
	// For is for (Over) |Elem, Idx| Body; a name may be "_" or "" (not given).
	For struct {
		At
		Label   string
		Inline  bool
		Over    Expr
		Elem    string
		Idx     string
		ElemPos Pos
		IdxPos  Pos
		Body    *Block
	}
	// Return is return X; X nil for none.
	Return struct {
		At
		X Expr
	}
	// Break is break :Label X.
	Break struct {
		At
		Label string
		X     Expr
	}
	// Continue is continue :Label.
	Continue struct {
		At
		Label string
	}
)

// Pos gives the start of the expression.
func (s *ExprStmt) Pos() Pos { return s.X.Pos() }

// Pos gives the start of the declaration.
func (s *DeclStmt) Pos() Pos { return s.Decl.Pos() }

func (*ExprStmt) stmtNode() {}
func (*DeclStmt) stmtNode() {}
func (*Assign) stmtNode()   {}
func (*While) stmtNode()    {}
func (*For) stmtNode()      {}
func (*Return) stmtNode()   {}
func (*Break) stmtNode()    {}
func (*Continue) stmtNode() {}

// Place gives p as a diagnostic position; n bytes are underlined.
func (f *File) Place(p Pos, n int) diag.Pos {
	line, col := f.LineCol(p)
	return diag.Pos{File: f.Name, Line: line, Col: col, Len: n}
}

// LineCol gives the line and column of p, both from 1.
func (f *File) LineCol(p Pos) (line, col int) {
	lo, hi := 0, len(f.lines)
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if f.lines[mid] <= int32(p) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + 1, int(p) - int(f.lines[lo]) + 1
}
