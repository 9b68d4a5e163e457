using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Portal.Data;

/// <summary>Words looked for in texts, whatever the case of any letter, on both databases: <c>LIKE(Lower(text), PatternOf(words), Escape)</c>.</summary>
internal static class TextSearch
{
    public const string Escape = @"\";

    /// <summary>SQLite's own <c>lower</c> knows the letters of ASCII (https://sqlite.org/lang_corefunc.html#lower).</summary>
    public const string SqliteLower = "portal_lower";

    /// <summary>What has the words in it.</summary>
    public static string PatternOf(string words) =>
        $"%{words.ToLowerInvariant().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";

    /// <summary>Only within a query.</summary>
    public static string Lower(string? text) => throw new NotSupportedException($"{text} is not in a database.");

    public static void Map(ModelBuilder modelBuilder, bool isPostgres) =>
        modelBuilder.HasDbFunction(typeof(TextSearch).GetMethod(nameof(Lower))!).HasTranslation(arguments => new SqlFunctionExpression(
            isPostgres ? "lower" : SqliteLower,
            // Columns compare by their bytes, which lower() would follow.
            [isPostgres ? new CollateExpression(arguments[0], "default") : arguments[0]],
            nullable: true, argumentsPropagateNullability: [true], typeof(string), arguments[0].TypeMapping));
}
