BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Describe 'Connect-VgpuHost' {
    BeforeEach {
        Disconnect-All
    }

    It 'opens a simulated host that commands then ask' {
        $session = Connect-VgpuHost -Lab A30, L40S
        $session.Kind | Should -Be 'lab'
        (Get-Gpu).Model | Should -Be @('NVIDIA A30', 'NVIDIA L40S')
        (Get-Gpu).VgpuHost | Select-Object -Unique | Should -Be 'lab'
        Get-TestWidth $session | Should -BeLessOrEqual 120
    }

    It 'makes up names, and refuses one that is taken' {
        (Connect-VgpuHost -Lab A30).VgpuHost | Should -Be 'lab'
        (Connect-VgpuHost -Lab A30).VgpuHost | Should -Be 'lab2'
        $failure = Get-TestError { Connect-VgpuHost -Lab A30 -Name lab }
        $failure.FullyQualifiedErrorId | Should -Be 'SessionExists,VgpuPS.Commands.ConnectVgpuHostCommand'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }

    It 'refuses a model that the lab does not have, and names those it has' {
        $failure = Get-TestError { Connect-VgpuHost -Lab RTX9999 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
        $failure.ErrorDetails.Message | Should -Match 'A30'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Connect-VgpuHost -Lab'
        Get-VgpuHost -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'refuses a state file that is not there' {
        (Get-TestError { Connect-VgpuHost -LabState ./nothing.json }).CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'takes two releases and back ends' {
        Connect-VgpuHost -Lab A30 -PveVersion 8.4 -Name old | ForEach-Object QemuServerVersion | Should -BeLike '8.4*'
    }

    It 'completes models' {
        Get-TestCompletion 'Connect-VgpuHost -Lab L4' | Should -Be @('L4', 'L40S')
        Get-TestCompletion 'Connect-VgpuHost -Lab A30,RTX' | Should -Be "'RTX PRO 6000'"
    }
}
