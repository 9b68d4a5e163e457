using System.Text;

namespace Portal.Operator.Reconciliation;

/// <summary>Puts names of objects into messages.</summary>
internal static class Names
{
    /// <summary>In double quotes, with backslash escapes for quotes, backslashes and control characters.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder(name.Length + 2).Append('"');
        foreach (var character in name)
        {
            _ = character switch
            {
                '"' or '\\' => text.Append('\\').Append(character),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or '\x7f' => text.Append("\\x").Append(((int)character).ToString("x2", System.Globalization.CultureInfo.InvariantCulture)),
                _ => text.Append(character),
            };
        }

        return text.Append('"').ToString();
    }
}
