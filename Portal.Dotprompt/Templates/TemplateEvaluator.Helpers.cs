namespace Portal.Dotprompt.Templates;

internal sealed partial class TemplateEvaluator
{
    private const string ObjectText = "[object Object]";

    private void RunBlockHelper(HelperKind kind, BlockStatement block, Scope scope)
    {
        var call = block.Call;
        RequireParameters(call, block, scope);
        var first = Evaluate(call.Parameters[0], scope);
        switch (kind)
        {
            case HelperKind.If:
                RenderHere(Holds(first, call, scope) ? block.Program : block.Inverse, scope);
                break;
            case HelperKind.Unless:
                RenderHere(Holds(first, call, scope) ? block.Inverse : block.Program, scope);
                break;
            case HelperKind.Each:
                RunEach(first, block, scope);
                break;
            case HelperKind.With when JsValue.IsEmpty(first):
                RenderHere(block.Inverse, scope);
                break;
            case HelperKind.With:
                Render(block.Program, scope, first, null, first);
                break;
            case HelperKind.IfEquals:
                RenderHere(JsValue.StrictEquals(first, Evaluate(call.Parameters[1], scope)) ? block.Program : block.Inverse, scope);
                break;
            default:
                RenderHere(JsValue.StrictEquals(first, Evaluate(call.Parameters[1], scope)) ? block.Inverse : block.Program, scope);
                break;
        }
    }

    private bool Holds(object? value, Call call, Scope scope)
    {
        var includeZero = call.Named("includeZero") is { } option && JsValue.IsTruthy(Evaluate(option, scope));
        return !JsValue.IsEmpty(value) && (includeZero || JsValue.IsTruthy(value));
    }

    private void RunEach(object? items, BlockStatement block, Scope scope)
    {
        var count = items switch
        {
            JsonArray array => array.Count,
            JsonObject json => json.Count,
            TemplateObject made => made.Count,
            _ => 0,
        };
        if (count == 0)
        {
            RenderHere(block.Inverse, scope);
            return;
        }

        // One scope serves all items: nothing that a body leaves behind refers to it.
        var frame = new LoopFrame(scope.Data, count);
        var inner = scope with { Data = frame };
        for (var i = 0; i < count; i++)
        {
            Step(scope, block);
            var (key, value) = Item(items, i);
            frame.MoveTo(key, i);
            RunItem(block.Program, scope, inner, key, value);
        }
    }

    private static (object? Key, object? Value) Item(object? items, int index)
    {
        switch (items)
        {
            case JsonArray array:
                return (JsValue.Box(index), JsValue.From(array[index]));
            case JsonObject json:
                var (name, node) = json.GetAt(index);
                return (name, JsValue.From(node));
            default:
                var member = ((TemplateObject)items!).GetAt(index);
                return (member.Key, member.Value);
        }
    }

    private void RunItem(Body? body, Scope scope, Scope inner, object? key, object? value)
    {
        if (body is null)
        {
            return;
        }

        inner.Contexts = scope.With(value);
        if (body.Parameters.Length > 0)
        {
            inner.Parameters = new ParameterLink(body.Parameters, [value, key], scope.Parameters);
        }

        Execute(body, inner, scope);
    }

    /// <summary>The marker of a call that writes one; null for every other call.</summary>
    private Marker? MakeMarker(Call call, Statement? statement, Scope scope)
    {
        switch (call.Helper!.Kind)
        {
            case HelperKind.Role:
                return new Marker.Role(NameArgument(call, statement, scope));
            case HelperKind.History:
                return new Marker.History();
            case HelperKind.Section:
                return new Marker.Section(NameArgument(call, statement, scope));
            case HelperKind.Media:
                return MakeMedia(call, statement, scope);
            default:
                return null;
        }
    }

    private string NameArgument(Call call, Statement? statement, Scope scope)
    {
        if (call.Parameters.Length == 0)
        {
            return ObjectText;
        }

        var value = Evaluate(call.Parameters[0], scope);
        if (isStrict)
        {
            return JsValue.IsNullish(value) ? value is null ? "null" : "undefined" : JsValue.ToText(value);
        }

        return value is string { Length: > 0 } name
            ? name
            : throw Failure($"'{call.Helper!.Name}' needs a name, but its value is missing or is not a text: {call.Helper.Usage}.", statement, scope);
    }

    private Marker.Media MakeMedia(Call call, Statement? statement, Scope scope)
    {
        if (call.Parameters.Length > 0)
        {
            throw Failure($"'media' takes only named arguments: {call.Helper!.Usage}.", statement, scope);
        }

        var url = call.Named("url") is { } value ? Evaluate(value, scope) : JsValue.Undefined;
        var contentType = call.Named("contentType") is { } type ? Evaluate(type, scope) : JsValue.Undefined;
        var hasType = JsValue.IsTruthy(contentType);
        if (!isStrict && !JsValue.IsTruthy(url))
        {
            throw Failure(
                "'media' has no url: the value is missing or empty. Give it, or wrap the tag in {{#if …}}…{{/if}}.", statement, scope);
        }

        var text = isStrict && JsValue.IsNullish(url) ? url is null ? "null" : "undefined" : JsValue.ToText(url);
        return new Marker.Media(text, hasType ? JsValue.ToText(contentType) : null);
    }

    private object? CallHelper(Call call, Statement? statement, Scope scope)
    {
        var helper = call.Helper!;
        switch (helper.Kind)
        {
            case HelperKind.Lookup:
                RequireParameters(call, statement, scope);
                var owner = Evaluate(call.Parameters[0], scope);
                return JsValue.IsTruthy(owner) ? JsValue.Get(owner, JsValue.ToText(Evaluate(call.Parameters[1], scope))) : owner;
            case HelperKind.Log:
                return "";
            case HelperKind.Json:
                RequireParameters(call, statement, scope);
                using (var text = new Text.TextBuffer())
                {
                    JsJsonWriter.Write(text, Evaluate(call.Parameters[0], scope), Indent(call, scope));
                    return text.ToString();
                }

            case HelperKind.Role or HelperKind.History or HelperKind.Section or HelperKind.Media:
                // As a parameter it is only text; out of compatibility mode a marker never is text.
                var marker = MakeMarker(call, statement, scope)!;
                return isStrict ? marker.InBand : "";
            default:
                throw Failure($"'{helper.Name}' needs content: {helper.Usage}.", statement, scope);
        }
    }

    private object? Indent(Call call, Scope scope) => call.Named("indent") is { } option ? Evaluate(option, scope) : null;

    private static void RequireParameters(Call call, Statement? statement, Scope scope)
    {
        var helper = call.Helper!;
        if (call.Parameters.Length < helper.MinParameters || ((helper.IsBlock || helper.Kind == HelperKind.Json) && call.Parameters.Length > helper.MaxParameters))
        {
            throw Failure($"'{helper.Name}' is called with {call.Parameters.Length} values: {helper.Usage}.", statement, scope);
        }
    }
}
