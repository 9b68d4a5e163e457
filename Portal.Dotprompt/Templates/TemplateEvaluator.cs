using System.Runtime.CompilerServices;

namespace Portal.Dotprompt.Templates;

/// <summary>Runs one rendering: walks the compiled template and writes its output. Bounded in steps, depth and size.</summary>
/// <param name="output">Where to write.</param>
/// <param name="partials">Compiled partial by name, or null.</param>
/// <param name="isStrict">Reproduce what the reference does for calls that lose content or write nonsense, instead of refusing them.</param>
internal sealed partial class TemplateEvaluator(RenderOutput output, Func<string, Template?> partials, bool isStrict)
{
    private const int MaxSteps = 5_000_000;
    private const int MaxPartialDepth = 100;

    /// <summary>The empty object that helpers see where the context is null or undefined.</summary>
    public static readonly TemplateObject NullContext = [];

    private int _steps;
    private int _partialDepth;

    public void Run(Template template, object? context, DataFrame data)
    {
        try
        {
            Execute(template.Body, new Scope { Contexts = new ContextLink(context, null), Data = data }, Nowhere(data));
        }
        catch (InsufficientExecutionStackException)
        {
            throw new TemplateRenderException("The prompt, its partials or its input are nested too deeply.");
        }
    }

    /// <param name="body">What to run.</param>
    /// <param name="scope">Where it runs.</param>
    /// <param name="outer">What surrounds it: inline partials defined in it see the contexts out there, as in the reference.</param>
    private void Execute(Body body, Scope scope, Scope outer)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var inline in body.Inlines)
        {
            var name = JsValue.ToText(Evaluate(inline.Call.Parameters[0], scope));
            scope = scope with { Inlines = new InlineLink(name, inline.Program!, outer, scope.Inlines) };
        }

        foreach (var statement in body.Statements)
        {
            Step(scope, statement);
            switch (statement)
            {
                case ContentStatement content:
                    output.Write(content.Value);
                    break;
                case MustacheStatement mustache:
                    WriteCall(mustache.Call, mustache, scope);
                    break;
                case PartialStatement partial:
                    RunPartial(partial, scope);
                    break;
                case BlockStatement { Kind: BlockKind.Partial } block:
                    InvokePartial(block.Call, block, block.Program, scope);
                    break;
                case BlockStatement { Kind: BlockKind.Block or BlockKind.Raw } block:
                    RunBlock(block, scope);
                    break;
            }
        }
    }

    private void Step(Scope scope, Statement statement)
    {
        if (++_steps > MaxSteps)
        {
            throw Failure("Rendering takes too many steps; does a partial call itself without end, or is the input very large?", statement, scope);
        }
    }

    private void WriteCall(Call call, Statement statement, Scope scope)
    {
        if (call.Helper is null)
        {
            output.WriteValue(EvaluateTarget(call, scope));
        }
        else if (MakeMarker(call, statement, scope) is { } marker)
        {
            output.Write(marker);
        }
        else if (call.Helper.Kind == HelperKind.Json)
        {
            RequireParameters(call, statement, scope);
            output.WriteJson(Evaluate(call.Parameters[0], scope), Indent(call, scope));
        }
        else
        {
            output.WriteValue(CallHelper(call, statement, scope));
        }
    }

    private void RunBlock(BlockStatement block, Scope scope)
    {
        if (block.Call.Helper is { IsBlock: true } helper)
        {
            RunBlockHelper(helper.Kind, block, scope);
            return;
        }

        if (block.Call.Helper is not null)
        {
            WriteCall(block.Call, block, scope);
            return;
        }

        switch (EvaluateTarget(block.Call, scope))
        {
            case true:
                Render(block.Program, scope, scope.Context);
                break;
            case JsonArray { Count: > 0 } array:
                RunEach(array, block, scope);
                break;
            case null or false or JsonArray:
                Render(block.Inverse, scope, scope.Context);
                break;
            case var value when ReferenceEquals(value, JsValue.Undefined):
                Render(block.Inverse, scope, scope.Context);
                break;
            case var value:
                Render(block.Program, scope, value);
                break;
        }
    }

    private void Render(Body? body, Scope scope, object? context, DataFrame? data = null, object? argument = null)
    {
        if (body is null)
        {
            return;
        }

        if (data is null && body.Parameters.Length == 0 && ReferenceEquals(context, scope.Context))
        {
            Execute(body, scope, scope);
            return;
        }

        Execute(body, scope with
        {
            Contexts = scope.With(context),
            Data = data ?? scope.Data,
            Parameters = body.Parameters.Length == 0 ? scope.Parameters : new ParameterLink(body.Parameters, [argument], scope.Parameters),
        }, scope);
    }

    /// <summary>Runs an arm of a helper in the context around it; where that is nothing, in an empty object, as in the reference.</summary>
    private void RenderHere(Body? body, Scope scope) => Render(body, scope, JsValue.IsNullish(scope.Context) ? NullContext : scope.Context);

    private static Scope Nowhere(DataFrame data) => new() { Contexts = new ContextLink(JsValue.Undefined, null), Data = data };

    private void RunPartial(PartialStatement partial, Scope scope)
    {
        var start = output.Position;
        InvokePartial(partial.Call, partial, null, scope);
        if (partial.Indent.Length > 0)
        {
            output.Indent(start, partial.Indent);
        }
    }

    private void InvokePartial(Call call, Statement statement, Body? content, Scope scope)
    {
        var name = call.Target is SubExpression dynamic ? JsValue.ToText(Evaluate(dynamic, scope)) : call.Name;
        if (++_partialDepth > MaxPartialDepth)
        {
            throw Failure($"The partial '{name}' calls itself without end: partials are nested more than {MaxPartialDepth} deep.", statement, scope);
        }

        var context = call.Parameters.Length > 0 ? Evaluate(call.Parameters[0], scope) : scope.Context;
        if (call.Hash.Length > 0)
        {
            context = Extend(context, call, scope);
        }

        var inner = scope;
        if (content is not null)
        {
            inner = scope with { Data = new PartialBlockFrame(scope.Data, new PartialBlock(content, scope)) };
            foreach (var inline in content.Inlines)
            {
                inner = inner with
                {
                    Inlines = new InlineLink(JsValue.ToText(Evaluate(inline.Call.Parameters[0], scope)), inline.Program!, scope, inner.Inlines),
                };
            }
        }

        RunNamedPartial(name, statement, content, context, scope, inner);
        _partialDepth--;
    }

    private void RunNamedPartial(string name, Statement statement, Body? content, object? context, Scope scope, Scope inner)
    {
        if (name == "@partial-block")
        {
            if (scope.Data.Get("partial-block") is not PartialBlock block)
            {
                throw Failure("The partial @partial-block could not be found: this is not inside a partial called as a block.", statement, scope);
            }

            var data = new PartialBlockFrame(inner.Data, block.Origin.Data.Get("partial-block"));
            Render(block.Body, block.Origin, context, data);
            return;
        }

        for (var inline = inner.Inlines; inline is not null; inline = inline.Outer)
        {
            if (inline.Name == name)
            {
                Render(inline.Body, inline.Definition with { Inlines = inner.Inlines }, context, inner.Data);
                return;
            }
        }

        if (partials(name) is { } template)
        {
            var root = new Scope { Contexts = new ContextLink(context, null), Data = inner.Data, Inlines = inner.Inlines, Partial = name };
            Execute(template.Body, root, template.Body.Inlines.Length == 0 ? root : Nowhere(inner.Data));
        }
        else if (content is not null)
        {
            Render(content, scope, context, new PartialBlockFrame(inner.Data, scope.Data.Get("partial-block")));
        }
        else
        {
            throw Failure($"The partial '{name}' could not be found.", statement, scope);
        }
    }

    private TemplateObject Extend(object? context, Call call, Scope scope)
    {
        var result = new TemplateObject();
        foreach (var (name, value) in JsValue.OwnMembers(context))
        {
            result[name] = value;
        }

        // From the last to the first, and without those written as undefined, as in the reference.
        foreach (var argument in Enumerable.Reverse(call.Hash))
        {
            if (argument.Value is not LiteralExpression literal || !ReferenceEquals(literal.Value, JsValue.Undefined))
            {
                result[argument.Name] = Evaluate(argument.Value, scope);
            }
        }

        return result;
    }

    private object? Evaluate(Expression expression, Scope scope) => expression switch
    {
        LiteralExpression literal => literal.Value,
        PathExpression path => EvaluatePath(path, scope),
        SubExpression sub => CallHelper(sub.Call, null, scope),
        _ => JsValue.Undefined,
    };

    private static object? EvaluateTarget(Call call, Scope scope) => call.Target switch
    {
        PathExpression path => EvaluatePath(path, scope),
        LiteralExpression literal => JsValue.Get(scope.Context, literal.Original),
        _ => JsValue.Undefined,
    };

    private static object? EvaluatePath(PathExpression path, Scope scope)
    {
        if (path.IsData && path.Parts.Length > 0)
        {
            return EvaluateData(path, scope);
        }

        var (value, first) = Origin(path, scope);
        for (var i = first; i < path.Parts.Length && !JsValue.IsNullish(value); i++)
        {
            value = JsValue.Get(value, path.Parts[i]);
        }

        return value;
    }

    private static (object? Value, int FirstPart) Origin(PathExpression path, Scope scope)
    {
        if (path.Depth == 0 && !path.IsScoped)
        {
            for (var link = scope.Parameters; link is not null; link = link.Outer)
            {
                for (var i = 0; i < link.Names.Length; i++)
                {
                    if (link.Names[i] == path.Parts[0])
                    {
                        return (i < link.Values.Length ? link.Values[i] : JsValue.Undefined, 1);
                    }
                }
            }
        }

        var context = scope.Contexts;
        for (var i = 0; i < path.Depth && context is not null; i++)
        {
            context = context.Outer;
        }

        return (context is null ? JsValue.Undefined : path.Depth == 0 ? context.Value : context.Opening, 0);
    }

    private static object? EvaluateData(PathExpression path, Scope scope)
    {
        var frame = scope.Data;
        for (var i = 0; i < path.Depth && frame is not null; i++)
        {
            frame = frame.Outer;
        }

        var value = frame is null ? JsValue.Undefined : frame.Get(path.Parts[0]);
        for (var i = 1; i < path.Parts.Length && JsValue.IsTruthy(value); i++)
        {
            value = JsValue.Get(value, path.Parts[i]);
        }

        return value;
    }

    private static TemplateRenderException Failure(string message, Statement? statement, Scope scope) =>
        new(message) { Start = statement?.Start ?? -1, End = statement?.End ?? -1, Partial = scope.Partial };
}
