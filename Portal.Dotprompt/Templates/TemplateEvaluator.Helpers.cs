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
        if (items is JsonArray array)
        {
            RunEach(array.Select((item, index) => KeyValuePair.Create((object?)(double)index, JsValue.From(item))), array.Count, block, scope);
            return;
        }

        var count = items switch
        {
            JsonObject json => json.Count,
            TemplateObject made => made.Count,
            _ => 0,
        };
        RunEach(JsValue.Members(items).Select(member => KeyValuePair.Create((object?)member.Key, member.Value)), count, block, scope);
    }

    private void RunEach(IEnumerable<KeyValuePair<object?, object?>> items, int count, BlockStatement block, Scope scope)
    {
        if (count == 0)
        {
            RenderHere(block.Inverse, scope);
            return;
        }

        var data = new DataFrame(scope.Data);
        var index = 0;
        foreach (var (key, value) in items)
        {
            Step(scope, block);
            data["key"] = key;
            data["index"] = (double)index;
            data["first"] = index == 0;
            data["last"] = index == count - 1;
            Render(block.Program, scope, value, data, value, key);
            index++;
        }
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
        if (call.Parameters.Count == 0)
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
        if (call.Parameters.Count > 0)
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
                var indent = call.Named("indent") is { } option ? Evaluate(option, scope) : null;
                return JsJsonWriter.Write(Evaluate(call.Parameters[0], scope), indent);
            case HelperKind.Role or HelperKind.History or HelperKind.Section or HelperKind.Media:
                // As a parameter it is only text; out of compatibility mode a marker never is text.
                var marker = MakeMarker(call, statement, scope)!;
                return isStrict ? marker.InBand : "";
            default:
                throw Failure($"'{helper.Name}' needs content: {helper.Usage}.", statement, scope);
        }
    }

    private static void RequireParameters(Call call, Statement? statement, Scope scope)
    {
        var helper = call.Helper!;
        if (call.Parameters.Count < helper.MinParameters || (helper.IsBlock && call.Parameters.Count > helper.MaxParameters))
        {
            throw Failure($"'{helper.Name}' is called with {call.Parameters.Count} values: {helper.Usage}.", statement, scope);
        }
    }
}
