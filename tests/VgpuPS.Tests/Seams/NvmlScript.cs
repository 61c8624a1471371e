using System.Reflection;
using System.Runtime.CompilerServices;
using VgpuPS.Host.Seams;

namespace VgpuPS.Tests.Seams;

/// <summary>
/// A library whose functions answer as a test says: by method name, arguments in, status out, out values set in the
/// argument list. Whatever a test does not name is a function that the library does not export.
/// </summary>
public class NvmlScript : DispatchProxy
{
    private readonly Dictionary<string, Func<object?[], NvmlStatus>> _answers = new(StringComparer.Ordinal);

    public List<string> Calls { get; } = [];

    public static (INvmlApi Api, NvmlScript Script) Create()
    {
        var api = Create<INvmlApi, NvmlScript>();
        var script = (NvmlScript)(object)api;
        script.On("Find", NvmlStatus.Success);
        return (api, script);
    }

    public void On(string function, Func<object?[], NvmlStatus> answer) => _answers[function] = answer;

    public void On(string function, NvmlStatus status) => On(function, _ => status);

    public void Gives(string function, params object[] outValues) => On(
        function,
        arguments =>
        {
            outValues.CopyTo(arguments, arguments.Length - outValues.Length);
            return NvmlStatus.Success;
        });

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add(targetMethod!.Name);
        var status = _answers.TryGetValue(targetMethod.Name, out var answer)
            ? answer(args!)
            : NvmlStatus.FunctionNotFound;
        foreach (var parameter in targetMethod.GetParameters())
        {
            if (parameter.IsOut && parameter.ParameterType.GetElementType() is { IsValueType: true } type)
            {
                args![parameter.Position] ??= RuntimeHelpers.GetUninitializedObject(type);
            }
        }

        return status;
    }
}
