using Microsoft.AspNetCore.Components;

namespace Portal.Components;

/// <summary>Addresses within a page that has a <see cref="SearchField"/>.</summary>
public static class PageQuery
{
    /// <summary>The page's address with another value for <paramref name="name"/>, none when it is empty; with what is searched for by now, which the address may not have yet.</summary>
    public static string With(NavigationManager navigation, string search, string name, string? value) =>
        navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["q"] = Given(search), [name] = Given(value) });

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
