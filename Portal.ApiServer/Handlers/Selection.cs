using Portal.ApiServer.Selectors;
using Portal.ApiServer.Storage;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Handlers;

/// <summary>Which objects of a collection a request is about: namespace, labels, fields.</summary>
internal sealed class Selection
{
    private readonly Target _target;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;

    private Selection(Target target, LabelSelector labels, FieldSelector fields)
    {
        _target = target;
        _labels = labels;
        _fields = fields;
    }

    public bool IsEverything => _labels.IsEmpty && _fields.IsEmpty;

    /// <exception cref="ApiException">400: a selector does not parse.</exception>
    public static Selection Parse(Target target, string? labels, string? fields)
    {
        try
        {
            return new Selection(
                target, LabelSelector.Parse(labels), FieldSelector.Parse(fields, target.Resource.SelectableFields, target.Resource.Namespaced));
        }
        catch (SelectorException problem)
        {
            throw ApiException.BadRequest(problem.Message);
        }
    }

    public bool Includes(StoredObject stored)
    {
        if (_target.Namespace is not null && stored.Key.Namespace != _target.Namespace)
        {
            return false;
        }

        if (IsEverything)
        {
            return true;
        }

        if (_fields.Name is { } name && stored.Key.Name != name)
        {
            return false;
        }

        var json = _target.Resource.Present(stored).Json;
        return _labels.Matches(json) && _fields.Matches(json);
    }
}
