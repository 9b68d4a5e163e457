using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>A use of an input variable, by the first name of its path; offsets are those of the source.</summary>
internal sealed record VariableUse(string Name, int Start, int End);

/// <summary>A name that the schema in reach does not have.</summary>
internal sealed record UndefinedUse(string Name, int Start, int End, JsonObject Schema, bool IsInput);

/// <summary>Follows the template with the schema of each context, and notes what the template refers to.</summary>
internal sealed class TemplateWalker(DotpromptDocument document, JsonObject? inputSchema)
{
    private readonly int _offset = document.Parts.BodyStart;

    public List<VariableUse> Variables { get; } = [];
    public List<UndefinedUse> Undefined { get; } = [];
    public List<(Call Call, int Start, int End)> Roles { get; } = [];

    /// <summary>Partials called by a fixed name; those with content of their own need not exist.</summary>
    public List<(string Name, int Start, int End, bool HasFallback)> Partials { get; } = [];

    /// <summary>Input variables that are the url of a medium.</summary>
    public HashSet<string> Media { get; } = new(StringComparer.Ordinal);
    public HashSet<string> InlinePartials { get; } = new(StringComparer.Ordinal);

    /// <summary>Any variable may be used in a way that cannot be seen: by a partial, or through the whole context.</summary>
    public bool UsesWholeInput { get; private set; }

    public void Walk() => Walk(document.Compiled.Body, new SchemaScope(inputSchema, null, IsInput: true, []));

    private void Walk(Body body, SchemaScope scope)
    {
        foreach (var statement in body.Statements)
        {
            switch (statement)
            {
                case MustacheStatement mustache:
                    VisitCall(mustache.Call, mustache.Start, mustache.End, scope);
                    break;
                case PartialStatement partial:
                    VisitPartial(partial.Call, partial.Start, partial.End, hasFallback: false, scope);
                    break;
                case BlockStatement block:
                    VisitBlock(block, scope);
                    break;
            }
        }
    }

    private void VisitBlock(BlockStatement block, SchemaScope scope)
    {
        var inner = scope;
        switch (block.Kind)
        {
            case BlockKind.Partial:
                VisitPartial(block.Call, block.Start, block.OpenEnd, hasFallback: true, scope);
                break;
            case BlockKind.Inline:
                InlinePartials.Add(block.Call.Parameters is [LiteralExpression name, ..] ? name.Original : "");
                inner = new SchemaScope(null, scope, IsInput: false, []);
                break;
            default:
                var value = VisitCall(block.Call, block.Start, block.OpenEnd, scope);
                inner = InnerScope(block, value, scope);
                break;
        }

        if (block.Program is not null)
        {
            Walk(block.Program, inner);
        }

        if (block.Inverse is not null)
        {
            Walk(block.Inverse, scope);
        }
    }

    private static SchemaScope InnerScope(BlockStatement block, JsonObject? value, SchemaScope scope)
    {
        var names = block.Program?.Parameters ?? [];
        switch (block.Call.Helper?.Kind)
        {
            case HelperKind.Each:
                var item = JsonSchemaPath.Item(value);
                return new SchemaScope(item, scope, IsInput: false, [.. names.Select((name, index) => (name, index == 0 ? item : null))]);
            case HelperKind.With:
                return new SchemaScope(value, scope, IsInput: false, [.. names.Select((name, index) => (name, index == 0 ? value : null))]);
            case not null:
                return scope;
            case null when block.Kind == BlockKind.Raw:
                return scope;
            default:
                return JsonSchemaPath.TypeOf(value) switch
                {
                    "boolean" => scope,
                    "array" => new SchemaScope(JsonSchemaPath.Item(value), scope, IsInput: false, []),
                    _ => new SchemaScope(value, scope, IsInput: false, []),
                };
        }
    }

    private void VisitPartial(Call call, int start, int end, bool hasFallback, SchemaScope scope)
    {
        UsesWholeInput = true;
        if (call.Target is SubExpression dynamic)
        {
            VisitCall(dynamic.Call, dynamic.Start, dynamic.End, scope);
        }
        else
        {
            Partials.Add((call.Name, _offset + start, _offset + end, hasFallback));
        }

        VisitArguments(call, scope);
    }

    /// <summary>The schema of the call's value, or of a block helper's first parameter; null when it is not known.</summary>
    private JsonObject? VisitCall(Call call, int start, int end, SchemaScope scope)
    {
        var first = VisitArguments(call, scope);
        if (call.Helper is null)
        {
            return call.HasArguments ? null : VisitValue(call.Target, scope);
        }

        if (call.Helper.Kind == HelperKind.Role)
        {
            Roles.Add((call, _offset + start, _offset + end));
        }
        else if (call.Helper.Kind == HelperKind.Media && scope.IsInput && call.Named("url") is PathExpression { IsData: false, Depth: 0, Parts: [var url] })
        {
            Media.Add(url);
        }

        return call.Helper.IsBlock ? first : null;
    }

    private JsonObject? VisitArguments(Call call, SchemaScope scope)
    {
        JsonObject? first = null;
        for (var i = 0; i < call.Parameters.Length; i++)
        {
            var schema = VisitValue(call.Parameters[i], scope);
            first = i == 0 ? schema : first;
        }

        foreach (var argument in call.Hash)
        {
            VisitValue(argument.Value, scope);
        }

        return first;
    }

    private JsonObject? VisitValue(Expression expression, SchemaScope scope)
    {
        switch (expression)
        {
            case SubExpression sub:
                VisitCall(sub.Call, sub.Start, sub.End, scope);
                return null;
            case PathExpression path:
                return VisitPath(path, scope);
            default:
                return null;
        }
    }

    private JsonObject? VisitPath(PathExpression path, SchemaScope scope)
    {
        if (path.IsData)
        {
            return path is { Depth: 0, Parts: ["root", ..] } ? FollowPath(path, 1, scope.Root) : null;
        }

        if (path.Depth == 0 && !path.IsScoped && scope.FindParameter(path.Parts[0]) is { } parameter)
        {
            return Follow(path, 1, parameter.Schema, isInput: false);
        }

        var target = scope;
        for (var i = 0; i < path.Depth && target is not null; i++)
        {
            target = target.Outer;
        }

        return target is null ? null : FollowPath(path, 0, target);
    }

    private JsonObject? FollowPath(PathExpression path, int first, SchemaScope scope)
    {
        if (scope.IsInput && path.Parts.Length == first)
        {
            UsesWholeInput = true;
        }
        else if (scope.IsInput)
        {
            var (start, end) = path.PartRanges[first];
            Variables.Add(new VariableUse(path.Parts[first], _offset + start, _offset + end));
        }

        return Follow(path, first, scope.Schema, scope.IsInput);
    }

    private JsonObject? Follow(PathExpression path, int first, JsonObject? schema, bool isInput)
    {
        for (var i = first; i < path.Parts.Length && schema is not null; i++)
        {
            if (JsonSchemaPath.IsMissing(schema, path.Parts[i]))
            {
                var isDefault = isInput && i == first && document.Metadata.InputDefaults.ContainsKey(path.Parts[i]);
                if (!isDefault)
                {
                    var (start, end) = path.PartRanges[i];
                    Undefined.Add(new UndefinedUse(path.Parts[i], _offset + start, _offset + end, schema, isInput && i == first));
                }

                return null;
            }

            schema = JsonSchemaPath.Member(schema, path.Parts[i]);
        }

        return schema;
    }
}

/// <summary>A context with what is known of its shape; null when nothing is.</summary>
internal sealed record SchemaScope(JsonObject? Schema, SchemaScope? Outer, bool IsInput, IReadOnlyList<(string Name, JsonObject? Schema)> Parameters)
{
    public SchemaScope Root => Outer?.Root ?? this;

    public (string Name, JsonObject? Schema)? FindParameter(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            foreach (var parameter in scope.Parameters)
            {
                if (parameter.Name == name)
                {
                    return parameter;
                }
            }
        }

        return null;
    }
}
