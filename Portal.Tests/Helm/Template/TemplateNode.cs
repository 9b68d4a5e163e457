namespace Portal.Tests.Helm.Template;

/// <summary>A piece of a parsed template.</summary>
internal abstract record TemplateNode;

internal sealed record TextNode(string Text) : TemplateNode;

internal sealed record PrintNode(Expression Value) : TemplateNode;

/// <summary><c>if</c>, and <c>with</c> when <paramref name="Rebinds"/>.</summary>
internal sealed record BranchNode(Expression Condition, bool Rebinds, IReadOnlyList<TemplateNode> Then, IReadOnlyList<TemplateNode> Else) : TemplateNode;

internal sealed record RangeNode(string? Key, string? Value, Expression Over, IReadOnlyList<TemplateNode> Body, IReadOnlyList<TemplateNode> Else) : TemplateNode;

/// <summary>What a pipeline is made of.</summary>
internal abstract record Expression;

internal sealed record Literal(JsonNode? Value) : Expression;

/// <summary><c>.a.b</c> when <paramref name="Root"/> is null, else fields of that.</summary>
internal sealed record FieldPath(Expression? Root, IReadOnlyList<string> Names) : Expression;

internal sealed record VariableUse(string Name) : Expression;

internal sealed record FunctionCall(string Name, IReadOnlyList<Expression> Arguments) : Expression;

/// <summary>A construct or function outside the subset, a mistake in a template, or <c>fail</c>.</summary>
internal sealed class TemplateException(string message) : Exception(message);
