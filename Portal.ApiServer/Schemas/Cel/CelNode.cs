namespace Portal.ApiServer.Schemas.Cel;

/// <summary>A node of a parsed expression. <see cref="Position"/> is its character offset, for messages.</summary>
internal abstract record CelNode(int Position)
{
    /// <summary>Levels below this node, itself included: what recursion over it costs in stack.</summary>
    public int Depth { get; init; } = 1;
}

internal sealed record CelLiteral(int Position, object? Value) : CelNode(Position);

internal sealed record CelIdentifier(int Position, string Name) : CelNode(Position);

/// <summary><c>operand.field</c>; <c>has(operand.field)</c> when <see cref="IsTest"/>; <c>operand.?field</c> when <see cref="IsOptional"/>.</summary>
internal sealed record CelSelect(int Position, CelNode Operand, string Field, bool Quoted, bool IsTest, bool IsOptional) : CelNode(Position);

/// <summary>A function or operator. A member call has its receiver as first argument.</summary>
internal sealed record CelCall(int Position, string Function, bool IsMember, IReadOnlyList<CelNode> Arguments) : CelNode(Position);

/// <summary><c>&amp;&amp;</c> when <see cref="IsAnd"/>, else <c>||</c>: either side may decide, also when the other fails.</summary>
internal sealed record CelLogic(int Position, bool IsAnd, CelNode Left, CelNode Right) : CelNode(Position);

internal sealed record CelConditional(int Position, CelNode Condition, CelNode WhenTrue, CelNode WhenFalse) : CelNode(Position);

internal sealed record CelListLiteral(int Position, IReadOnlyList<(CelNode Value, bool IsOptional)> Items) : CelNode(Position);

internal sealed record CelMapLiteral(int Position, IReadOnlyList<(CelNode Key, CelNode Value, bool IsOptional)> Entries) : CelNode(Position);

internal enum CelMacro
{
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// <summary>A macro over a list or the keys of a map. With <see cref="Second"/> the variables are index and item, or key and value.</summary>
internal sealed record CelComprehension(int Position, CelMacro Macro, CelNode Range, string First, string? Second, CelNode? Condition, CelNode? Transform)
    : CelNode(Position);

/// <summary><c>cel.bind(name, value, body)</c>.</summary>
internal sealed record CelBinding(int Position, string Name, CelNode Value, CelNode Body) : CelNode(Position);
