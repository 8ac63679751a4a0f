import { useMediaQuery } from '@mantine/hooks';

/** Room for the details beside the thread; the same number stands in the style sheets. */
export const useWide = (): boolean => useMediaQuery('(width >= 1180px)', window.matchMedia('(width >= 1180px)').matches);
