namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Names and what they stand for (types when checking, values when evaluating), the innermost first.</summary>
internal sealed record CelScope<T>(string Name, T Value, CelScope<T>? Outer)
{
    public static bool TryFind(CelScope<T>? scope, string name, out T? value)
    {
        for (; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                value = scope.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
