"""Small vectors and rectangles of whole numbers."""


class IntVector:
    """A point or an extent of two whole numbers."""

    def __init__(self, x=0, y=0):
        self.x = int(x)
        self.y = int(y)

    def __eq__(self, other):
        return isinstance(other, IntVector) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __iter__(self):
        return iter((self.x, self.y))

    def __add__(self, other):
        return IntVector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return IntVector(self.x - other.x, self.y - other.y)

    def __repr__(self):
        return "IntVector(%d, %d)" % (self.x, self.y)


class IntRectangle:
    """A rectangle: its north-west corner and its width and height.

    The documentation calls the second argument the dimensions; one public example
    passes the corner beyond the south-east end. Rectangles are cut to their code
    region where they are used, and that example gives the same program both ways.
    """

    def __init__(self, origin, dims):
        self.origin = origin
        self.dims = dims

    @property
    def width(self):
        return self.dims.x

    @property
    def height(self):
        return self.dims.y

    def __eq__(self, other):
        return isinstance(other, IntRectangle) and (self.origin, self.dims) == (other.origin, other.dims)

    def __hash__(self):
        return hash((self.origin, self.dims))

    def __repr__(self):
        return "IntRectangle(%r, %r)" % (self.origin, self.dims)
