using System.Reflection;
using System.Runtime.CompilerServices;

namespace TgtModular.TestKit.Tests;

/// <summary>The public surface of an assembly as lines: what somebody else's code, compiled against it, may name.</summary>
internal static class ApiText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly) =>
        assembly.GetExportedTypes().SelectMany(type => Members(type).Prepend(Head(type))).Distinct().Order(StringComparer.Ordinal);

    private static string Head(Type type)
    {
        string kind = type.IsEnum ? $"enum({Name(type.GetEnumUnderlyingType())})"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsSealed ? "sealed class"
            : type.IsAbstract ? "abstract class"
            : "class";
        IEnumerable<Type> bases = type.GetInterfaces().Where(face => face.IsVisible);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum)) bases = bases.Prepend(parent);
        string[] names = [.. bases.Select(Name).Order(StringComparer.Ordinal)];
        return $"{Name(type)}: {kind}{(names.Length == 0 ? "" : $" of {string.Join(", ", names)}")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        string name = Name(type);
        if (type.IsEnum) return Enum.GetNames(type).Select(value => $"{name}.{value} = {Convert.ToInt64(Enum.Parse(type, value), null)}");
        return type.GetMembers(Declared).Select(Describe).OfType<string>().Select(member => $"{name}.{member}");
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } made when IsSeen(made) => $".ctor({Parameters(made)})",
        MethodInfo method when IsSeen(method) && !method.Name.StartsWith('<') => $"{Traits(method)}{method.Name}{Generic(method)}({Parameters(method)}): {Name(method.ReturnType)}",
        FieldInfo { IsLiteral: true } constant when IsSeen(constant) => $"const {constant.Name}: {Name(constant.FieldType)} = {constant.GetRawConstantValue()}",
        FieldInfo field when IsSeen(field) => $"field {field.Name}: {Name(field.FieldType)}",
        PropertyInfo property when property.GetCustomAttribute<RequiredMemberAttribute>() is not null => $"required {property.Name}",
        _ => null,
    };

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsSeen(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static string Traits(MethodInfo method) =>
        method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "";

    private static string Generic(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "")}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + (parameter.RawDefaultValue ?? "null") : "")}"));

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter || type == typeof(void)) return type.Name.ToLowerInvariant();
        string full = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : $"{type.Namespace}.{type.Name}";
        return type.IsGenericType ? $"{full.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : full;
    }
}
