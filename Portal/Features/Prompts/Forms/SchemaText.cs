using System.Globalization;
using Portal.Components.Inputs;
using Portal.Dotprompt.Editing;

namespace Portal.Features.Prompts.Forms;

/// <summary>Reads what is typed for a field of a schema.</summary>
internal static class SchemaText
{
    public static bool TryRead(SchemaField field, string text, out JsonNode? value, out string? problem)
    {
        (value, problem) = (null, null);
        switch (field.Type)
        {
            case "string":
                value = JsonValue.Create(text);
                break;
            case "enum":
                value = field.Choices.FirstOrDefault(choice => choice?.ToString() == text)?.DeepClone();
                problem = value is null ? "this is none of its choices." : null;
                break;
            case "boolean":
                value = text is "true" or "false" ? JsonValue.Create(text == "true") : null;
                problem = value is null ? "write true or false." : null;
                break;
            case "integer" when !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _):
                problem = "this is not a whole number.";
                break;
            case "number" when !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number):
                problem = "this is not a number.";
                break;
            case "any" when !InputJson.TryParse(text, out _, out _):
                value = JsonValue.Create(text);
                break;
            default:
                problem = InputJson.TryParse(text.Trim(), out value, out var wrong) ? null : $"this is not JSON: {wrong}.";
                break;
        }

        return problem is null;
    }
}
