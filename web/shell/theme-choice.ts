/** Light, dark, or as the system has it. Kept for the next visit where the browser allows it. */
import type { IconName } from '../theme/icons.ts';

export type Theme = 'auto' | 'light' | 'dark';

export const themeIcon: Record<Theme, IconName> = { auto: 'auto', light: 'sun', dark: 'moon' };

const order: readonly Theme[] = ['auto', 'light', 'dark'];
const entry = 'tabring-theme';

export const nextTheme = (theme: Theme): Theme => order[(order.indexOf(theme) + 1) % order.length] ?? 'auto';

export function applyTheme(theme: Theme): void {
  document.documentElement.style.colorScheme = theme === 'auto' ? '' : theme;
  try {
    localStorage.setItem(entry, theme);
  } catch {
    // Storage is forbidden here: the choice lasts for this visit.
  }
}

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(entry);
    return order.find((theme) => theme === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}
